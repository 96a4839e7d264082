import { parseFrozen, type RunRecord, type Runs } from '@twofold/view-store';
import type { Access } from './access.ts';
import { textIn, type StoredRow } from './reads/column.ts';

export function embeddedRuns({ reader, write }: Access): Runs {
  const { project } = reader;
  const newestFirst = 'ORDER BY started_at DESC, id DESC LIMIT ?';
  const below = '(started_at, id) < (?, ?)';
  const ofAll = reader.prepare(`SELECT body FROM runs WHERE project = ? AND ${below} ${newestFirst}`);
  const ofJob = reader.prepare(`SELECT body FROM runs WHERE project = ? AND job = ? AND ${below} ${newestFirst}`);
  return {
    put: async (run) => {
      const { id, job, startedAt } = run;
      await write({ kind: 'run', id, job, startedAt, body: JSON.stringify(run) });
    },
    list: async ({ job, limit, before = { startedAt: Number.MAX_SAFE_INTEGER, id: '' } }) =>
      reader.read(() => {
        const page = [before.startedAt, before.id, limit];
        return (job === undefined ? ofAll.all(project, ...page) : ofJob.all(project, job, ...page)).map(runOf);
      }),
  };
}

function runOf(row: StoredRow): RunRecord {
  return parseFrozen<RunRecord>(textIn(row, 'body'));
}
