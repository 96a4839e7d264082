import { expect, it } from 'vitest';
import type { RunRecord } from '../view-store.ts';
import { hostileNames, runRecord } from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

export function runsCases(t: StoreContext): void {
  it('puts a run again as it goes on, and gives it back whole after reopening', async () => {
    await t.store.runs.put(runRecord());
    const ended = runRecord({
      state: 'FAILED',
      endedAt: 2_000,
      slot: 60_000,
      trigger: 'SCHEDULE',
      release: 'r7',
      subjects: hostileNames,
      error: { code: 'COVERAGE_HOLE', message: `partition 1, "it's" [5, 9)` },
      facts: { rows: 12, engine: 'duckdb', ratio: 0.25 },
    });
    await t.store.runs.put(ended);
    await t.reopen();
    expect(await t.store.runs.list({ limit: 10 })).toEqual([ended]);
  });

  it('lists newest first, of one job or of all, no more than asked', async () => {
    const runs: RunRecord[] = [];
    for (let i = 0; i < 30; i++)
      runs.push(
        runRecord({ id: `run-${i}`, job: i % 3 === 0 ? 'archive' : 'recompute', startedAt: Math.floor(i / 2) }),
      );
    for (const run of [...runs].reverse()) await t.store.runs.put(run);
    const newestFirst = [...runs].sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
    expect(await t.store.runs.list({ limit: 100 })).toEqual(newestFirst);
    expect(await t.store.runs.list({ limit: 7 })).toEqual(newestFirst.slice(0, 7));
    expect(await t.store.runs.list({ job: 'archive', limit: 4 })).toEqual(
      newestFirst.filter((run) => run.job === 'archive').slice(0, 4),
    );
    expect(await t.store.runs.list({ job: 'unknown', limit: 4 })).toEqual([]);
  });

  it('gives a long history a page at a time, each run once, however runs begin together', async () => {
    const runs: RunRecord[] = [];
    for (let i = 0; i < 25; i++)
      runs.push(
        runRecord({ id: `run-${i}`, job: i % 4 === 0 ? 'archive' : 'recompute', startedAt: Math.floor(i / 6) }),
      );
    // Two months earlier: pages go on over a long time without a run.
    runs.push(runRecord({ id: 'old', startedAt: -70 * 86_400_000 }));
    for (const run of runs) await t.store.runs.put(run);
    const newestFirst = [...runs].sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
    for (const job of [undefined, 'recompute', 'archive']) {
      const found: RunRecord[] = [];
      for (;;) {
        const last = found.at(-1);
        const of = { ...(job === undefined ? {} : { job }), ...(last === undefined ? {} : { before: last }) };
        const page = await t.store.runs.list({ ...of, limit: 4 });
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(4);
        found.push(...page);
      }
      expect(found).toEqual(newestFirst.filter((run) => job === undefined || run.job === job));
    }
  });

  it('tells hostile job names apart', async () => {
    for (const job of hostileNames) await t.store.runs.put(runRecord({ id: job, job }));
    for (const job of hostileNames)
      expect(await t.store.runs.list({ job, limit: 5 })).toEqual([runRecord({ id: job, job })]);
  });
}
