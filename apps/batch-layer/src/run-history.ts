import type { RunRecord, ViewStore } from '@twofold/view-store';
import { BatchError } from './errors.ts';

const PAGE = 200;

/** Every run, newest first, a page at a time; those that are going, too, whose record is not in the history yet. */
export async function* runHistory(
  store: Pick<ViewStore, 'runs' | 'jobs'>,
  after?: RunRecord,
): AsyncGenerator<RunRecord> {
  const seen = new Set<string>();
  if (after === undefined)
    for (const { holder } of await store.jobs.list())
      if (holder !== null) {
        seen.add(holder.run.id);
        yield holder.run;
      }
  for (let before = after; ;) {
    const page = await store.runs.list({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    for (const run of page) if (!seen.has(run.id)) yield run;
    before = page.at(-1);
    if (before === undefined || page.length < PAGE) return;
  }
}

/** @throws NAME_UNKNOWN when there is none */
export async function findRun(store: Pick<ViewStore, 'runs' | 'jobs'>, id: string): Promise<RunRecord> {
  for await (const run of runHistory(store)) if (run.id === id) return run;
  throw new BatchError('NAME_UNKNOWN', `there is no run ${id}; twofold runs lists them`);
}
