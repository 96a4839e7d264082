import type { SpeedRow, SpeedRowQuery, SpeedRows } from '@twofold/view-store';
import type { Access } from './access.ts';
import { damagedRow } from './damage.ts';
import { packedCopy } from './packed-copy.ts';
import { bytesIn, numberIn, type StoredRow } from './reads/column.ts';
import { rowChecksum } from './row-checksum.ts';
import { speedRowKey } from './writes/speed-row-writes.ts';

/** Rows that one transaction of a sweep removes, so that writers wait no longer than for a flush. */
const SWEEP_ROWS = 512;

export function embeddedSpeedRows({ reader, write }: Access): SpeedRows {
  const { project } = reader;
  const columns = 'SELECT bucket, start, "end", applied_offset, crc, bytes FROM speed_rows';
  // A row below the low water may still be there while a sweep goes on: it is invisible from its first step.
  const visible = `project = ?1 AND view = ?2 AND version = ?3 AND partition = ?4 AND start >= max(?5, ifnull((
    SELECT below FROM low_water WHERE project = ?1 AND view = ?2 AND version = ?3 AND partition = ?4), ?5))
    AND start < ?6`;
  const ofAll = reader.prepare(`${columns} WHERE ${visible}`);
  const ofBucket = reader.prepare(`${columns} WHERE ${visible} AND bucket = ?7`);

  function rowsOf(query: SpeedRowQuery): SpeedRow[] {
    const { view, version, partition, startFrom, startBelow, buckets } = query;
    const range = [project, view, version, partition, startFrom, startBelow] as const;
    const stored =
      buckets === null
        ? ofAll.all(...range)
        : [...new Set(buckets)].flatMap((bucket) => ofBucket.all(...range, bucket));
    return stored.map((row) => checked({ view, version, partition }, row));
  }
  return {
    write: async (rows, signal) => {
      reader.enter(signal);
      if (rows.length === 0) return;
      const { buffer, views } = packedCopy(rows.map((row) => row.bytes));
      await write({ kind: 'speedRows', rows: rows.map((row, i) => withBytes(row, views[i])) }, [buffer]);
    },
    read: async (query, signal) => reader.read(() => rowsOf(query), signal),
    sweep: async (of, partition, below) => {
      let swept = 0;
      for (;;) {
        const { view, version } = of;
        const removed = await write({ kind: 'sweep', of: { view, version }, partition, below, limit: SWEEP_ROWS });
        swept += Number(removed);
        if (Number(removed) < SWEEP_ROWS) return swept;
      }
    },
  };
}

function withBytes(row: SpeedRow, bytes: Uint8Array = row.bytes): SpeedRow {
  const { view, version, partition, start, end, bucket, appliedOffset } = row;
  return { view, version, partition, start, end, bucket, appliedOffset, bytes };
}

function checked(of: { view: string; version: number; partition: number }, stored: StoredRow): SpeedRow {
  const row: SpeedRow = {
    ...of,
    start: numberIn(stored, 'start'),
    end: numberIn(stored, 'end'),
    bucket: numberIn(stored, 'bucket'),
    appliedOffset: numberIn(stored, 'applied_offset'),
    bytes: bytesIn(stored, 'bytes'),
  };
  const key = speedRowKey(row);
  if (rowChecksum(key, row.bytes) !== numberIn(stored, 'crc')) throw damagedRow('speed_rows', key);
  return row;
}
