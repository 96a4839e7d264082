import type { LaneName, Progress, ProgressRecord, ViewVersion } from '@twofold/view-store';
import type { Access } from './access.ts';
import { Damage, damagedRow } from './damage.ts';
import { numberIn, numberOrNullIn, textIn, type StoredRow } from './reads/column.ts';
import { rowChecksum } from './row-checksum.ts';
import { progressKey } from './writes/progress-writes.ts';

export function embeddedProgress({ reader, write }: Access): Progress {
  const ofVersion = reader.prepare(`
    SELECT partition, lane, next, max_event_time, last_log_time, caught_up_at, crc FROM progress
    WHERE project = ? AND view = ? AND version = ?`);
  return {
    write: async (records, signal) => {
      reader.enter(signal);
      if (records.length > 0) await write({ kind: 'progress', records: records.map(copyOf) });
    },
    read: async (of, signal) =>
      reader.read(
        () => ofVersion.all(reader.project, of.view, of.version).map((stored) => checked(of, stored)),
        signal,
      ),
    remove: async ({ view, version }, partition, lanes) => {
      await write({ kind: 'forgetLanes', of: { view, version }, partition, lanes: [...lanes] });
    },
  };
}

function copyOf(record: ProgressRecord): ProgressRecord {
  const { view, version, partition, lane, next, maxEventTime, lastLogTime, caughtUpAt } = record;
  return { view, version, partition, lane, next, maxEventTime, lastLogTime, caughtUpAt };
}

function checked(of: ViewVersion, stored: StoredRow): ProgressRecord {
  const record: ProgressRecord = {
    view: of.view,
    version: of.version,
    partition: numberIn(stored, 'partition'),
    lane: laneIn(stored),
    next: numberIn(stored, 'next'),
    maxEventTime: numberOrNullIn(stored, 'max_event_time'),
    lastLogTime: numberOrNullIn(stored, 'last_log_time'),
    caughtUpAt: numberOrNullIn(stored, 'caught_up_at'),
  };
  const key = progressKey(record);
  if (rowChecksum(key) !== numberIn(stored, 'crc')) throw damagedRow('progress', key);
  return record;
}

function laneIn(stored: StoredRow): LaneName {
  const lane = textIn(stored, 'lane');
  if (isLane(lane)) return lane;
  throw new Damage(`a progress record is of a lane ${JSON.stringify(lane)}`);
}

function isLane(lane: string): lane is LaneName {
  return /^(base|(wide|remainder):\d+)$/.test(lane);
}
