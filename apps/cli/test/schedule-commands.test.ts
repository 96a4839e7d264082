import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock, systemRng, ulidIds } from '@twofold/service';
import type { RunRecord, ViewStore } from '@twofold/view-store';
import { openEmbeddedStore } from '@twofold/view-store-embedded';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadProject } from '../src/load-project.ts';
import { EXIT } from '../src/output.ts';
import { runCli } from '../src/run-cli.ts';

const PLANT = path.resolve(import.meta.dirname, '../../../examples/plant');
const JOB = 'recompute * * * * *';
const clock = systemClock();
const ids = ulidIds(clock, systemRng());

let folder = '';
let store: ViewStore;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'twofold-cli-'));
  const { project } = await loadProject(PLANT);
  store = await openEmbeddedStore({
    directory: path.join(folder, 'store'),
    project: project.id,
    ids,
    clock,
    mode: 'write',
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function runOf(n: number, of: Partial<RunRecord> = {}): RunRecord {
  return {
    ...{ id: `run-${n}`, job: JOB, subjects: ['sensorMinute', 'rigMinute'], slot: n * 60_000, trigger: 'SCHEDULE' },
    ...{ state: 'SUCCEEDED', startedAt: n * 60_000 + 5, endedAt: n * 60_000 + 20, release: `r${n}`, error: null },
    facts: { partsBuilt: n },
    ...of,
  };
}

/** Runs a command over the folder; gives its exit code, its output, and what it says. */
async function twofold(...args: string[]): Promise<{ code: number; out: string; said: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const code = await runCli([...args, '--project', PLANT, '--data-folder', folder]);
  const text = (spy: typeof out): string => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
  const result = { code, out: text(out), said: text(err) };
  vi.restoreAllMocks();
  return result;
}

const idsIn = ({ out }: { out: string }): string[] =>
  (JSON.parse(out) as { runs: { id: string }[] }).runs.map(({ id }) => id);

test('runs are listed newest first, a page at a time, of one view or one outcome', async () => {
  for (let n = 1; n <= 7; n++)
    await store.runs.put(runOf(n, n === 4 ? { state: 'FAILED', subjects: ['plantMinute'] } : {}));
  const first = await twofold('runs', '--limit', '3', '--json');
  expect([first.code, idsIn(first)]).toEqual([EXIT.done, ['run-7', 'run-6', 'run-5']]);
  const { next } = JSON.parse(first.out) as { next: string };
  const second = await twofold('runs', '--limit', '3', '--before', next, '--json');
  expect([second.code, idsIn(second)]).toEqual([EXIT.unhealthy, ['run-4', 'run-3', 'run-2']]);
  expect(idsIn(await twofold('runs', '--before', 'run-2', '--json'))).toEqual(['run-1']);
  expect(idsIn(await twofold('runs', '--view', 'plantMinute', '--json'))).toEqual(['run-4']);
  expect(idsIn(await twofold('runs', '--outcome', 'failed', '--json'))).toEqual(['run-4']);
  expect((await twofold('runs', '--limit', '2')).out).toContain('older ones: twofold runs --before run-6');
  expect(await twofold('runs', '--before', 'run-99')).toMatchObject({ code: EXIT.usage });
});

test('runs show tells what a run was made from, what it made, and what it passed over', async () => {
  const input = { view: 'sensorMinute', version: 3, fingerprint: 'f', cut: [7, 9], corrections: ['k1'] };
  const output = {
    view: 'sensorMinute',
    state: 'SUCCEEDED' as const,
    parts: 4,
    rows: 120,
    sha256: 'abcdef',
    error: null,
  };
  const passedOver = [{ slots: 5, from: 60_000, to: 300_000, why: 'MISSED' as const }];
  await store.runs.put(
    runOf(9, { inputs: [input], outputs: [output], passedOver, engine: 'duckdb', fence: 12, attempt: 2 }),
  );
  const { code, out } = await twofold('runs', 'show', 'run-9');
  expect(code).toBe(EXIT.done);
  for (const told of ['duckdb', 'attempt   2, fence 12', 'sensorMinute  3        7 9  k1', '120', 'missed    5 slots'])
    expect(out).toContain(told);
  expect(await twofold('runs', 'show', 'nothing')).toMatchObject({ code: EXIT.usage });
  expect(await twofold('runs', 'shows', 'run-9')).toMatchObject({ code: EXIT.usage });
});

test('a schedule is paused and resumed by its name or a view of it, once', async () => {
  expect(await twofold('pause', 'sensorMinute', '--by', 'ann', '--reason', 'a look')).toMatchObject({
    code: EXIT.done,
  });
  expect((await store.jobs.read(JOB))?.paused).toMatchObject({ by: 'ann', reason: 'a look' });
  const again = await twofold('pause', '* * * * *');
  expect([again.code, again.said]).toEqual([
    EXIT.failed,
    expect.stringMatching(/by ann: a look.*Nothing was changed.*REQUEST_REFUSED/),
  ]);
  expect((await twofold('schedules')).out).toMatch(/paused since .* by ann: a look/);
  expect(await twofold('resume', 'rigMinute')).toMatchObject({ code: EXIT.done });
  expect((await store.jobs.read(JOB))?.paused).toBeNull();
  expect(await twofold('resume', 'rigMinute')).toMatchObject({ code: EXIT.failed });
  expect((await twofold('pause', 'nothing')).said).toMatch(
    /no schedule and no view nothing; the schedules are: "\* \* \* \* \*"/,
  );
});

test('a retry is of what failed, at the cut of the run; of nothing that went well', async () => {
  const failed = {
    view: 'rigMinute',
    state: 'FAILED' as const,
    parts: 0,
    rows: 0,
    sha256: null,
    error: { code: 'X', message: 'no' },
  };
  const input = { view: 'rigMinute', version: 1, fingerprint: 'f', cut: [3, 4], corrections: [] };
  await store.runs.put(runOf(1));
  await store.runs.put(
    runOf(2, {
      state: 'FAILED',
      inputs: [input],
      outputs: [{ ...failed, view: 'sensorMinute', state: 'SUCCEEDED', error: null }, failed],
    }),
  );
  await store.runs.put(runOf(3, { state: 'FAILED' }));
  expect(await twofold('retry', 'run-2')).toMatchObject({ code: EXIT.done });
  expect((await store.jobs.read(JOB))?.asked).toMatchObject([
    { kind: 'RETRY', run: 'run-2', views: ['rigMinute'], cuts: { rigMinute: [3, 4] } },
  ]);
  expect((await twofold('retry', 'run-2')).said).toMatch(/already/);
  expect((await twofold('retry', 'run-1')).said).toMatch(/nothing of it failed/);
  expect((await twofold('retry', 'run-3')).said).toMatch(/before view sensorMinute had a cut/);
  expect(await twofold('retry', 'run-4')).toMatchObject({ code: EXIT.usage });
});

test('a backfill names a view and a range of event time', async () => {
  const range = ['--from', '2026-01-01', '--to', '2026-02-01T00:00:00Z'];
  expect(await twofold('backfill', 'sensorMinute', ...range, '--piece', '7d', '--rest', '30s')).toMatchObject({
    code: EXIT.done,
  });
  expect((await store.jobs.read(JOB))?.asked).toMatchObject([
    {
      kind: 'BACKFILL',
      views: ['sensorMinute'],
      from: Date.UTC(2026, 0, 1),
      next: Date.UTC(2026, 1, 1),
      pieceMs: 604_800_000,
      restMs: 30_000,
    },
  ]);
  for (const wrong of [
    ['nothing', ...range],
    ['sensorMinute', '--from', '2026-01-01', '--to', '2026-01-01'],
    ['sensorMinute', '--from', 'yesterday', '--to', '2026-01-01'],
    ['sensorMinute', '--from', '2026-01-01T00:00:00', '--to', '2026-02-01'],
    ['sensorMinute', ...range, '--piece', 'long'],
  ])
    expect(await twofold('backfill', ...wrong)).toMatchObject({ code: EXIT.usage });
  expect((await store.jobs.read(JOB))?.asked).toHaveLength(1);
});
