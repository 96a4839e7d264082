import { expect, test } from 'vitest';
import { BATCH_DEFAULTS, BatchLayer } from '../src/batch-layer.ts';
import { recordRun } from '../src/corrections/record-run.ts';
import { rollBackTo } from '../src/corrections/roll-back.ts';
import { correct, request, S1_IN_MINUTES_10_TO_20, start } from './correcting.ts';
import { control, never, project, surroundings } from './sample.ts';

test('runs of corrections and rollbacks say which engine and which code made them', async () => {
  const { world } = await start(90);
  const maker = { engine: 'duckdb', code: 'twofold 1.2.3' };
  const layer = new BatchLayer(project(), world.ports, { ...BATCH_DEFAULTS, ...maker });
  const before = (await control(world.store)).live;
  await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
  const [corrected] = await world.store.runs.list({ limit: 1, job: 'correct readings' });
  expect(corrected).toMatchObject({ ...maker, state: 'SUCCEEDED' });
  await rollBackTo({ release: before, views: null }, project(), { ...world.ports, code: maker.code }, never);
  const [back] = await world.store.runs.list({ limit: 1, job: 'roll back' });
  expect(back).toMatchObject({ code: maker.code, state: 'SUCCEEDED' });
});

test('a run that people asked for tells its progress while it goes on, and not for ever', async () => {
  const { ports, clock, store } = surroundings();
  const begun = { job: 'correct readings', subjects: [], trigger: 'CORRECTION', facts: {} } as const;
  const runs = () => store.runs.list({ limit: 9 });
  const work = async (tell: (progress: { done: number; total: number; leftMs: null }) => void): Promise<void> => {
    tell({ done: 0, total: 3, leftMs: null });
    clock.pass(1_500);
    tell({ done: 1, total: 3, leftMs: null });
    // Not with every part: there may be thousands.
    tell({ done: 2, total: 3, leftMs: null });
    await new Promise((resolve) => setImmediate(resolve));
    expect(await runs()).toMatchObject([{ state: 'RUNNING', progress: { done: 1, total: 3 } }]);
  };
  await recordRun(begun, ports, never, work, () => Promise.resolve({ release: null, facts: {} }));
  const [ended] = await runs();
  expect([ended?.state, ended?.progress]).toEqual(['SUCCEEDED', undefined]);
});
