import { parseFrozen, type RunRecord, type Runs } from '@twofold/view-store';
import type { Access } from './access.ts';
import { numberOrNullIn, textIn, type StoredRow } from './reads/column.ts';

export function embeddedRuns({ reader, write }: Access): Runs {
  const { project } = reader;
  const ofAll = reader.prepare('SELECT body FROM runs WHERE project = ? ORDER BY started_at DESC, id DESC LIMIT ?');
  const ofJob = reader.prepare(
    'SELECT body FROM runs WHERE project = ? AND job = ? ORDER BY started_at DESC, id DESC LIMIT ?',
  );
  const newestSlot = reader.prepare('SELECT max(slot) AS slot FROM slots WHERE project = ? AND job = ?');
  return {
    put: async (run) => {
      const { id, job, startedAt } = run;
      await write({ kind: 'run', id, job, startedAt, body: JSON.stringify(run) });
    },
    claimSlot: async (job, slot, run) => (await write({ kind: 'claimSlot', job, slot, run })) === true,
    list: async ({ job, limit }) =>
      reader.read(() => (job === undefined ? ofAll.all(project, limit) : ofJob.all(project, job, limit)).map(runOf)),
    lastSlot: async (job) =>
      reader.read(() => {
        const row = newestSlot.get(project, job);
        return row === undefined ? null : numberOrNullIn(row, 'slot');
      }),
  };
}

function runOf(row: StoredRow): RunRecord {
  return parseFrozen<RunRecord>(textIn(row, 'body'));
}
