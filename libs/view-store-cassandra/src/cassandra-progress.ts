import type { LaneName, Progress, ProgressRecord, ViewVersion } from '@twofold/view-store';
import { bytesIn, numberIn, textIn } from './column.ts';
import { openCell, sealCell } from './sealed-cell.ts';
import type { CqlRow, CqlValue, Session, Statement } from './session.ts';

/** The write timestamp is `next`; among equals the later sign of life comes first in the cell, so it wins. */
const insert = `INSERT INTO $.progress (project, incarnation, "view", version, partition, lane, cell)
  VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const select =
  'SELECT partition, lane, cell FROM $.progress WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ?';
/** A lane that was forgotten is never folded again: its late records stay unseen. */
const forget = `DELETE FROM $.progress USING TIMESTAMP ${2n ** 62n}
  WHERE project = ? AND incarnation = ? AND "view" = ? AND version = ? AND partition = ? AND lane = ?`;

/** Records of one view version that one request carries. */
const requestRecords = 100;

/** @returns also a read that does not look whether the store is still there, and whole */
export function cassandraProgress(session: Session): {
  readonly progress: Progress;
  readonly readUnproved: Progress['read'];
} {
  const placeOf = ({ view, version }: ViewVersion): CqlValue[] => [session.project, session.incarnation, view, version];

  function statementOf(record: ProgressRecord): Statement {
    const { partition, lane, next, maxEventTime, lastLogTime, caughtUpAt } = record;
    const content = Buffer.from(JSON.stringify([next, maxEventTime, lastLogTime]));
    const cell = sealCell(keyOf(record, partition, lane), caughtUpAt ?? -Infinity, content);
    return { query: insert, params: [...placeOf(record), partition, lane, cell, BigInt(next)] };
  }

  async function write(records: readonly ProgressRecord[]): Promise<void> {
    const ofView = Map.groupBy(records, ({ view, version }) => JSON.stringify([view, version]));
    const requests = [...ofView.values()].flatMap((group) =>
      Array.from({ length: Math.ceil(group.length / requestRecords) }, (_, i) =>
        group.slice(i * requestRecords, (i + 1) * requestRecords),
      ),
    );
    await Promise.all(requests.map((request) => session.writeTogether(request.map(statementOf))));
  }

  async function read({ view, version }: ViewVersion): Promise<ProgressRecord[]> {
    const rows = await session.rows(select, placeOf({ view, version }));
    return rows.map((row) => recordOf({ view, version }, row));
  }

  return {
    progress: {
      write: async (records, signal) => session.run(() => write(records), signal),
      read: async (of, signal) => session.run(() => read(of), signal),
      remove: async (of, partition, lanes) =>
        session.run(async () => {
          const statements = lanes.map((lane) => ({ query: forget, params: [...placeOf(of), partition, lane] }));
          await session.writeTogether(statements);
        }),
    },
    readUnproved: async (of, signal) => session.runUnproved(() => read(of), signal),
  };
}

const keyOf = ({ view, version }: ViewVersion, partition: number, lane: string) => [view, version, partition, lane];

function recordOf(of: ViewVersion, row: CqlRow): ProgressRecord {
  const partition = numberIn(row, 'partition');
  const lane = textIn(row, 'lane');
  const { order, content } = openCell(keyOf(of, partition, lane), bytesIn(row, 'cell'));
  // The checksum has shown that this program wrote it.
  const [next, maxEventTime, lastLogTime] = JSON.parse(content.toString()) as [number, number | null, number | null];
  const caughtUpAt = order === -Infinity ? null : order;
  return { ...of, partition, lane: lane as LaneName, next, maxEventTime, lastLogTime, caughtUpAt };
}
