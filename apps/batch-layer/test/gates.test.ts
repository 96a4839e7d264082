import { gate, type Gate, type View } from '@twofold/views';
import { expect, test } from 'vitest';
import { BATCH_DEFAULTS, BatchLayer } from '../src/batch-layer.ts';
import type { JobResult, RunNote, RunWork } from '../src/job.ts';
import { correct, refusalOf, request, S1_IN_MINUTES_10_TO_20 } from './correcting.ts';
import { control, event, events, never, perSensor, project, START, surroundings, TOPIC, type World } from './sample.ts';

/** The sample's view, with the rows that it has. */
const minutes = perSensor as View<{ readings: number; total: string }>;

/** 300 events over 35 minutes, built and live. */
async function built(gates: readonly Gate[]): Promise<{ world: World; layer: BatchLayer }> {
  const world = surroundings(5);
  await world.log.ensureTopic(TOPIC, { partitions: 2 });
  await world.log.append(TOPIC, events(300, 5));
  const layer = new BatchLayer({ ...project(), gates }, world.ports, BATCH_DEFAULTS);
  await layer.recompute([perSensor], never);
  return { world, layer };
}

const live = async ({ store }: World): Promise<string> => (await control(store)).live;

/** Late events into minute 10, which was complete. */
const late = (many: number) => Array.from({ length: many }, (_, i) => event('s1', START + 610_000 + i, 900));

let runs = 0;

async function run(layer: BatchLayer, of: Partial<RunWork> = {}): Promise<JobResult & { notes: RunNote[] }> {
  const [job] = layer.jobs();
  if (job === undefined) throw new RangeError('no job');
  const notes: RunNote[] = [];
  const mark = { job: job.name, fence: 1, run: `run-${runs++}`, slot: null };
  const work = { views: job.subjects, cuts: null, again: null, isLast: true, mark, ...of };
  const result = await job.run({ ...work, note: (note) => void notes.push(note) }, never);
  return { ...result, notes };
}

test('X9: a scheduled run whose late data change a complete window beyond a limit is stopped; the served release stays', async () => {
  const steady = gate('steady', { on: minutes, measure: 'readings', maxChange: 0.5 });
  const { world, layer } = await built([steady]);
  const before = await live(world);
  await world.log.append(TOPIC, late(40));
  expect(await refusalOf(run(layer))).toBe('GATE_BLOCKED');
  const row = await control(world.store);
  expect([row.live, row.candidates]).toEqual([before, []]);
  // It is stopped each time, until somebody who has looked lets it pass.
  expect(await refusalOf(run(layer))).toBe('GATE_BLOCKED');
  const passed = await run(layer, { passing: ['steady'] });
  expect(passed.release).toBe(await live(world));
  const [said] = passed.notes.flatMap(({ gates = [] }) => gates);
  expect(said).toMatchObject({ gate: 'steady', severity: 'warn', passed: false });
  expect(said?.detail).toMatch(/perSensor.readings changes by .* 50 % are allowed/);
});

test('what a gate that only warns has found is kept with the run and with the release', async () => {
  const { world, layer } = await built([gate('few', { on: minutes, maxRows: 0, severity: 'warn' })]);
  await world.log.append(TOPIC, late(1));
  const { release, notes } = await run(layer);
  expect(notes.flatMap(({ gates = [] }) => gates)).toMatchObject([{ gate: 'few', passed: false }]);
  const diff = await layer.corrections.diffOf(release ?? '');
  expect(diff).toMatchObject({ release, correction: null, gates: [{ gate: 'few', passed: false, severity: 'warn' }] });
  expect(diff?.views).toMatchObject([{ view: 'perSensor', cause: 'LATE_DATA', rowsChanged: 1, rowsAdded: 0 }]);
});

test('new data and windows that were not complete yet are no change', async () => {
  const strict = gate('strict', { on: minutes, maxChange: 0, maxRows: 0 });
  const { world, layer } = await built([strict]);
  const end = START + 300 * 7_000;
  await world.log.append(TOPIC, [event('s1', end, 1), event('s2', end + 600_000, 1)]);
  const { release, notes } = await run(layer);
  expect(release).toBe(await live(world));
  expect(notes.flatMap(({ gates = [] }) => gates)).toMatchObject([{ gate: 'strict', passed: true }]);
});

test('an audit holds every row that is made anew, also of a first build, on runs and on corrections', async () => {
  const plausible = gate('plausible', { on: minutes, holds: (row) => row.readings.atMost(30) });
  const { world, layer } = await built([plausible]);
  const before = await live(world);
  await world.log.append(TOPIC, late(40));
  const error: unknown = await run(layer).catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(
    /Gate plausible stops the run: 1 rows do not meet it, the first is s1 at 2026-01-01T00:10/,
  );
  expect(await live(world)).toBe(before);
  const none = surroundings(5);
  await none.log.ensureTopic(TOPIC, { partitions: 2 });
  await none.log.append(TOPIC, events(100, 5));
  const never1 = gate('never', { on: minutes, holds: (row) => row.readings.greaterThan(1_000) });
  const first = new BatchLayer({ ...project(), gates: [never1] }, none.ports, BATCH_DEFAULTS);
  expect(await refusalOf(first.recompute([perSensor], never))).toBe('GATE_BLOCKED');
});

test('an audit holds the rows of every part that is made anew', async () => {
  const plausible = gate('plausible', { on: minutes, holds: (row) => row.readings.atMost(30) });
  const { world, layer } = await built([plausible]);
  const days = START + 10 * 86_400_000;
  await world.log.append(TOPIC, [...late(1), ...Array.from({ length: 40 }, (_, i) => event('s2', days + i, 901))]);
  const error: unknown = await run(layer).catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(/1 rows do not meet it, the first is s2 at 2026-01-11T/);
});

test('the project’s gates hold corrections too, with what the run of a correction says kept in the history', async () => {
  const { world, layer } = await built([gate('few', { on: minutes, maxRows: 2 })]);
  const before = await live(world);
  const asked = request('retract', S1_IN_MINUTES_10_TO_20);
  expect(await refusalOf(correct(layer, asked))).toBe('GATE_BLOCKED');
  expect(await live(world)).toBe(before);
  const [recorded] = await world.store.runs.list({ limit: 5, job: 'correct readings' });
  expect(recorded).toMatchObject({
    ...{ trigger: 'CORRECTION', state: 'REFUSED', subjects: ['perSensor'], release: null },
    error: { code: 'GATE_BLOCKED' },
  });
});
