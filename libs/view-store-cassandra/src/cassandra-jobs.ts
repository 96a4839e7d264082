import { parseFrozen, storeGone, type JobRow, type JobRows } from '@twofold/view-store';
import { textIn } from './column.ts';
import { SequencedRow } from './sequenced-row.ts';
import type { CqlValue, Session } from './session.ts';

const key = 'project = ? AND incarnation = ? AND job = ?';
const statements = {
  select: `SELECT sequence, body FROM $.jobs WHERE ${key}`,
  insert: 'INSERT INTO $.jobs (project, incarnation, job, sequence, body) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS',
  update: `UPDATE $.jobs SET sequence = ?, body = ? WHERE ${key} IF sequence = ?`,
};
const insertName = 'INSERT INTO $.job_names (project, incarnation, job) VALUES (?, ?, ?) USING TIMESTAMP 1';
const names = 'SELECT job FROM $.job_names WHERE project = ? AND incarnation = ?';

/** Each job's row is a partition of its own, so that the agreement on one holds up no other. */
export function cassandraJobs(session: Session): JobRows {
  const place: readonly CqlValue[] = [session.project, session.incarnation];
  const rows = new Map<string, SequencedRow>();

  function rowOf(job: string): SequencedRow {
    const row = rows.get(job) ?? new SequencedRow(session, statements, [...place, job], `the row of job ${job}`);
    rows.set(job, row);
    return row;
  }

  async function read(job: string): Promise<JobRow | null> {
    const found = await rowOf(job).read();
    return found === null ? null : parseFrozen<JobRow>(textIn(found, 'body'));
  }

  async function list(): Promise<JobRow[]> {
    const found = await session.rows(names, place);
    const all = await Promise.all(found.map((row) => read(textIn(row, 'job'))));
    return all.filter((row) => row !== null).sort((a, b) => (a.job < b.job ? -1 : 1));
  }

  async function compareAndSet(row: JobRow): Promise<boolean> {
    if (row.incarnation !== session.incarnation) throw storeGone(row.incarnation);
    const body = JSON.stringify(row);
    if (row.sequence > 1) return rowOf(row.job).set(row.sequence, body);
    // The name first: a row that is there is always listed.
    await session.write(insertName, [...place, row.job]);
    return rowOf(row.job).create(row.sequence, body);
  }

  return {
    read: async (job) => session.run(() => read(job)),
    list: async () => session.run(list),
    compareAndSet: async (row) => session.change(() => compareAndSet(row)),
  };
}
