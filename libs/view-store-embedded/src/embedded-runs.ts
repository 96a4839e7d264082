import { parseFrozen, type RunRecord, type Runs } from '@twofold/view-store';
import type { Access } from './access.ts';
import { numberOrNullIn, textIn, type StoredRow } from './reads/column.ts';
import type { StoredRun } from './writes/write-operation.ts';

export function embeddedRuns({ reader, write }: Access): Runs {
  const { project } = reader;
  const ofAll = reader.prepare('SELECT body FROM runs WHERE project = ? ORDER BY started_at DESC, id DESC LIMIT ?');
  const ofJob = reader.prepare(
    'SELECT body FROM runs WHERE project = ? AND job = ? ORDER BY started_at DESC, id DESC LIMIT ?',
  );
  const newestSlot = reader.prepare('SELECT max(slot) AS slot FROM slots WHERE project = ? AND job = ?');
  return {
    put: async (run) => {
      await write({ kind: 'run', ...stored(run) });
    },
    claimSlot: async (job, slot, run) => (await write({ kind: 'claimSlot', job, slot, run: stored(run) })) === true,
    list: async ({ job, limit }) =>
      reader.read(() => (job === undefined ? ofAll.all(project, limit) : ofJob.all(project, job, limit)).map(runOf)),
    lastSlot: async (job) =>
      reader.read(() => {
        const row = newestSlot.get(project, job);
        return row === undefined ? null : numberOrNullIn(row, 'slot');
      }),
  };
}

function stored(run: RunRecord): StoredRun {
  const { id, job, startedAt } = run;
  return { id, job, startedAt, body: JSON.stringify(run) };
}

function runOf(row: StoredRow): RunRecord {
  return parseFrozen<RunRecord>(textIn(row, 'body'));
}
