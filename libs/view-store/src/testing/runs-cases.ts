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

  it('gives a due slot to one run, of 20 that ask at once, for ever', async () => {
    const handles = [t.store, await t.open()];
    const claims = Array.from({ length: 20 }, (_, i) =>
      (handles[i % 2] ?? t.store).runs.claimSlot('recompute', 60_000, runRecord({ id: `run-${i}` })),
    );
    expect((await Promise.all(claims)).filter(Boolean).length).toBe(1);
    await t.reopen();
    expect(await t.store.runs.claimSlot('recompute', 60_000, runRecord({ id: 'late' }))).toBe(false);
    expect(await t.store.runs.claimSlot('archive', 60_000, runRecord({ id: 'late' }))).toBe(true);
    expect(await t.store.runs.claimSlot('recompute', 120_000, runRecord({ id: 'late' }))).toBe(true);
  });

  it('puts the record of the run that gets a slot with the claim, and none of a run that does not', async () => {
    const winner = runRecord({ id: 'run-1', job: 'recompute', slot: 60_000, trigger: 'SCHEDULE' });
    expect(await t.store.runs.claimSlot('recompute', 60_000, winner)).toBe(true);
    expect(await t.store.runs.claimSlot('recompute', 60_000, { ...winner, id: 'run-2' })).toBe(false);
    await t.reopen();
    expect(await t.store.runs.list({ limit: 10 })).toEqual([winner]);
  });

  it('leaves a run as it went on when its claim arrives once more', async () => {
    const started = runRecord({ id: 'run-1', job: 'recompute', slot: 60_000, trigger: 'SCHEDULE' });
    await t.store.runs.claimSlot('recompute', 60_000, started);
    const ended = { ...started, state: 'SUCCEEDED' as const, endedAt: 70_000 };
    await t.store.runs.put(ended);
    expect(await t.store.runs.claimSlot('recompute', 60_000, started)).toBe(true);
    expect(await t.store.runs.list({ limit: 10 })).toEqual([ended]);
  });

  it('tells the run that has a slot again that it has it, so that a lost reply does no harm', async () => {
    expect(await t.store.runs.claimSlot('recompute', 60_000, runRecord({ id: 'run-1' }))).toBe(true);
    expect(await t.store.runs.claimSlot('recompute', 60_000, runRecord({ id: 'run-1' }))).toBe(true);
    expect(await t.store.runs.claimSlot('recompute', 60_000, runRecord({ id: 'run-2' }))).toBe(false);
  });

  it('knows the newest claimed slot of a job', async () => {
    expect(await t.store.runs.lastSlot('recompute')).toBeNull();
    for (const slot of [120_000, 60_000, 180_000, 0])
      await t.store.runs.claimSlot('recompute', slot, runRecord({ id: 'run' }));
    await t.store.runs.claimSlot('archive', 240_000, runRecord({ id: 'run' }));
    await t.reopen();
    expect(await t.store.runs.lastSlot('recompute')).toBe(180_000);
    expect(await t.store.runs.lastSlot('archive')).toBe(240_000);
  });

  it('tells hostile job names apart', async () => {
    for (const [i, job] of hostileNames.entries())
      expect(await t.store.runs.claimSlot(job, i, runRecord({ id: job, job }))).toBe(true);
    for (const [i, job] of hostileNames.entries()) {
      expect(await t.store.runs.lastSlot(job)).toBe(i);
      expect(await t.store.runs.list({ job, limit: 5 })).toEqual([runRecord({ id: job, job })]);
    }
  });
}
