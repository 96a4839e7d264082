import { parseFrozen, storeGone, type JobRow, type JobRows } from '@twofold/view-store';
import type { Access } from './access.ts';
import { damagedRow } from './damage.ts';
import { numberIn, textIn, type StoredRow } from './reads/column.ts';
import { rowChecksum } from './row-checksum.ts';

export function embeddedJobs({ reader, write }: Access): JobRows {
  const { project, incarnation } = reader;
  const one = reader.prepare('SELECT job, sequence, crc, body FROM jobs WHERE project = ? AND job = ?');
  const all = reader.prepare('SELECT job, sequence, crc, body FROM jobs WHERE project = ? ORDER BY job');
  return {
    read: async (job) =>
      reader.read(() => {
        const row = one.get(project, job);
        return row === undefined ? null : jobOf(row);
      }),
    list: async () => reader.read(() => all.all(project).map(jobOf)),
    compareAndSet: async (row) => {
      reader.enter();
      if (row.incarnation !== incarnation) throw storeGone(row.incarnation);
      const { job, sequence } = row;
      return (await write({ kind: 'setJob', job, sequence, body: JSON.stringify(row) })) === true;
    },
  };
}

function jobOf(row: StoredRow): JobRow {
  const body = textIn(row, 'body');
  const key = [textIn(row, 'job'), numberIn(row, 'sequence')];
  if (rowChecksum(key, body) !== numberIn(row, 'crc')) throw damagedRow('jobs', key);
  return parseFrozen<JobRow>(body);
}
