import { liftFence } from '@twofold/releases';
import { plainSchedule, type RunInput } from '@twofold/schedules';
import { expect, test } from 'vitest';
import { BATCH_DEFAULTS, BatchLayer } from '../src/batch-layer.ts';
import { changeControl } from '../src/change-control.ts';
import { BatchError } from '../src/errors.ts';
import type { Job, JobResult, RunNote, RunWork } from '../src/job.ts';
import { whatIsLacking } from '../src/readiness.ts';
import { recomputeViews } from '../src/recompute-views.ts';
import {
  contentOf,
  control,
  events,
  foldSpeed,
  liveEntry,
  never,
  perSensor,
  project,
  readings,
  SLICE,
  START,
  surroundings,
  TOPIC,
  type World,
} from './sample.ts';
import { count, tumbling, view } from '@twofold/views';

const inAll = view('inAll', {
  from: readings,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('1m'),
  measures: () => ({ readings: count() }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
});

async function ready(world: World): Promise<Job> {
  await world.log.ensureTopic(TOPIC, { partitions: 2 });
  const layer = new BatchLayer(project([perSensor, inAll]), world.ports, BATCH_DEFAULTS);
  const [job] = layer.jobs();
  if (job === undefined) throw new RangeError('no job');
  await layer.archiveAll(never);
  return job;
}

/** Runs the job's work as its scheduler would; gives what was noted on the way, too. */
async function run(
  job: Job,
  of: Partial<RunWork> = {},
): Promise<JobResult & { notes: RunNote[]; inputs: readonly RunInput[] }> {
  const notes: RunNote[] = [];
  const work: RunWork = {
    ...{ views: job.subjects, cuts: null, again: null, isLast: false },
    mark: { job: job.name, fence: 1, run: 'run-1', slot: null },
    note: (note) => void notes.push(note),
    ...of,
  };
  const result = await job.run(work, never);
  return { ...result, notes, inputs: notes.flatMap(({ inputs }) => inputs ?? []).slice(-2) };
}

test('a run tells what it is made from, how far it is, and what it made', async () => {
  const world = surroundings();
  const job = await ready(world);
  await world.log.append(TOPIC, events(400, 1));
  const { release, outputs, notes } = await run(job);
  expect(release).not.toBeNull();
  const entry = await liveEntry(world.store);
  const inputs = notes.flatMap((note) => (note.inputs === undefined ? [] : [note.inputs])).at(-1);
  expect(inputs?.find((input) => input.view === 'perSensor')).toEqual({
    ...{ view: 'perSensor', version: 1, fingerprint: perSensor.fingerprint, cut: entry.cut, corrections: [] },
  });
  const index = await world.store.parts.index(entry.build ?? '');
  expect(outputs?.[0]).toMatchObject({
    ...{ view: 'perSensor', state: 'SUCCEEDED', parts: index?.parts.length, error: null },
    rows: index?.parts.reduce((sum, part) => sum + part.rows, 0),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
  });
  const progress = notes.flatMap((note) => (note.progress === undefined ? [] : [note.progress]));
  const total = progress[0]?.total ?? 0;
  expect(total).toBeGreaterThan(1);
  expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: total + 1 }, (_, done) => done));
  expect([progress[0]?.leftMs, progress.at(-1)?.leftMs]).toEqual([null, 0]);
  const again = await run(job);
  expect([again.release, again.outputs?.map(({ state }) => state)]).toEqual([null, ['UNCHANGED', 'UNCHANGED']]);
});

test('a view that fails for good does not hold up the others, and is done again later at the cut that it had', async () => {
  const world = surroundings();
  const job = await ready(world);
  await world.log.append(TOPIC, events(300, 2));
  const { fold } = world.ports.engine;
  let broken = true;
  world.ports.engine.fold = (task, signal) => {
    if (broken && task.view.name === 'inAll') throw new BatchError('SOURCE_DAMAGED', 'no');
    return fold.call(world.ports.engine, task, signal);
  };
  const failed = await run(job);
  expect(failed.outputs?.map(({ view: name, state }) => [name, state])).toEqual([
    ['perSensor', 'SUCCEEDED'],
    ['inAll', 'FAILED'],
  ]);
  expect([failed.error?.code, (await liveEntry(world.store)).build]).toEqual(['SOURCE_DAMAGED', expect.any(String)]);
  expect((await liveEntry(world.store, 'inAll')).build).toBeNull();
  const cut = failed.notes.flatMap(({ inputs }) => inputs ?? []).findLast((input) => input.view === 'inAll')?.cut ?? [];
  expect(Math.max(...cut)).toBeGreaterThan(0);
  broken = false;
  await world.log.append(TOPIC, events(300, 3, START + 86_400_000));
  await run(job, { views: ['inAll'], cuts: { inAll: cut } });
  expect((await liveEntry(world.store, 'inAll')).cut).toEqual(cut);
});

test('what may pass is not split: the whole run is tried again', async () => {
  const world = surroundings();
  const job = await ready(world);
  await world.log.append(TOPIC, events(50, 2));
  world.ports.engine.fold = () => {
    throw new BatchError('SOURCE_MOVED', 'for now', { retryable: true });
  };
  await expect(run(job)).rejects.toMatchObject({ code: 'SOURCE_MOVED' });
  await expect(run(job, { isLast: true })).rejects.toMatchObject({ code: 'SOURCE_MOVED' });
});

test('E14: a backfill builds the parts of its range again, shares the others, and makes the same bytes', async () => {
  const world = surroundings();
  const job = await ready(world);
  await world.log.append(TOPIC, events(1_000, 4));
  await run(job);
  const before = await liveEntry(world.store);
  const parts = (await world.store.parts.index(before.build ?? ''))?.parts ?? [];
  const [first] = [...parts].sort((a, b) => a.from - b.from);
  if (first === undefined) throw new RangeError('no part');
  const content = await contentOf(world.store, before.build);
  const { facts } = await run(job, { views: ['perSensor'], again: { from: first.from, to: first.from + 60_000 } });
  expect([facts['partsBuilt'], facts['partsShared']]).toEqual([1, parts.length - 1]);
  const after = await liveEntry(world.store);
  expect([after.cut, after.build === before.build]).toEqual([before.cut, false]);
  expect(await contentOf(world.store, after.build)).toEqual(content);
  // Where there is nothing to build, nothing is promoted.
  const empty = await run(job, { views: ['perSensor'], again: { from: 0, to: 1_000 } });
  expect([empty.release, (await liveEntry(world.store)).build]).toEqual([null, after.build]);
});

test('E15: a run whose job was taken over registers and promotes nothing, wherever it stood', async () => {
  const world = surroundings();
  await ready(world);
  await world.log.append(TOPIC, events(100, 5));
  await new BatchLayer(project(), world.ports, BATCH_DEFAULTS).archiveAll(never);
  const mark = { job: 'j', fence: 1, run: 'late', slot: 60_000 };
  const takeOver = (fence: number) =>
    changeControl(world.store.control, world.clock, {
      make: (row) => liftFence(row, 'j', fence),
      effect: () => 'DONE',
    });
  const live = (await control(world.store)).live;
  const { fold } = world.ports.engine;
  let folded = false;
  world.ports.engine.fold = async function* (task, signal) {
    if (!folded) await takeOver(2);
    folded = true;
    yield* fold.call(world.ports.engine, task, signal);
  };
  const refused = { code: 'CANDIDATE_REFUSED', facts: { code: 'FENCED' } };
  await expect(recomputeViews([perSensor], world.ports, never, { mark })).rejects.toMatchObject(refused);
  expect(folded).toBe(true);
  await expect(recomputeViews([perSensor], world.ports, never, { mark })).rejects.toMatchObject(refused);
  expect([(await control(world.store)).live, (await control(world.store)).candidates]).toEqual([live, []]);
  expect(
    (await recomputeViews([perSensor], world.ports, never, { mark: { ...mark, fence: 2 } })).release,
  ).not.toBeNull();
});

test('a run waits for the archive, for a ledger that closes, and for the share of rejected events', async () => {
  const world = surroundings();
  await ready(world);
  await world.log.append(TOPIC, events(200, 6));
  await new BatchLayer(project(), world.ports, BATCH_DEFAULTS).archiveAll(never);
  await foldSpeed(world);
  const ends = (await world.log.partitions(TOPIC)).map(({ end }) => end);
  const rule = (rejectedShare: number | null) => ({ ...plainSchedule('@daily').ready, rejectedShare });
  const reasons = async (share: number | null, wanted = ends) => {
    const lacks = await whatIsLacking(
      [perSensor],
      rule(share),
      await control(world.store),
      new Map([[readings.name, wanted]]),
      world.ports,
      never,
    );
    return lacks.map(({ why }) => why);
  };
  expect(await reasons(null)).toEqual([]);
  expect(await reasons(null, [(ends[0] ?? 0) + 5, 0])).toEqual([
    `the archive of stream readings, partition 0, reaches ${ends[0]} of ${(ends[0] ?? 0) + 5}`,
  ]);
  const counts = { applied: 10, duplicate: 3, rejected: 3, control: 0 };
  const ledger = { stream: readings.name, partition: 0, slice: 0, next: SLICE, ...counts };
  await world.store.ledger.write([{ ...ledger, slice: SLICE, next: 20, applied: 2, duplicate: 0, rejected: 0 }], []);
  expect(await reasons(null)).toEqual([
    'the ledger of stream readings, partition 0, accounts for 2 of 20 positions read',
  ]);
  await world.store.ledger.write([ledger, { ...ledger, slice: SLICE, next: 2 * SLICE }], []);
  expect(await reasons(null)).toEqual([]);
});

test('of rejected events those at or above the live cut count, also where it goes through a slice', async () => {
  const world = surroundings();
  const job = await ready(world);
  await world.log.append(TOPIC, events(100, 3));
  await new BatchLayer(project(), world.ports, BATCH_DEFAULTS).archiveAll(never);
  await run(job);
  const { cut } = await liveEntry(world.store);
  const from = cut[0] ?? 0;
  const slice = from - (from % SLICE);
  const below = from - slice;
  expect(below).toBeGreaterThan(2);
  const letter = (offset: number) => ({
    ...{ stream: readings.name, partition: 0, offset, logTime: START + offset },
    ...{ code: 'INVALID_JSON' as const, field: null, detail: '' },
  });
  const lacking = async (rejectedShare: number) =>
    whatIsLacking(
      [perSensor],
      { ...plainSchedule('@daily').ready, rejectedShare },
      await control(world.store),
      new Map(),
      world.ports,
      never,
    );
  // All that was rejected before the release, up to its cut, is behind it.
  const old = { stream: readings.name, partition: 0, slice: 0, next: slice };
  await world.store.ledger.write(
    [
      { ...old, applied: 0, duplicate: 0, rejected: slice, control: 0 },
      { ...old, slice, next: from + 1, applied: 1, duplicate: 0, rejected: below, control: 0 },
    ],
    Array.from({ length: from }, (_, offset) => letter(offset)),
  );
  expect(await lacking(0)).toEqual([]);
  const most = { ...old, slice, next: slice + SLICE, applied: 1, duplicate: 0, rejected: SLICE - 1, control: 0 };
  const later = {
    ...old,
    slice: slice + SLICE,
    next: slice + SLICE + 4,
    applied: 4,
    duplicate: 0,
    rejected: 0,
    control: 0,
  };
  const above = SLICE - below;
  await world.store.ledger.write(
    [most, later],
    Array.from({ length: above - 1 }, (_, i) => letter(from + 1 + i)),
  );
  const share = (above - 1) / (above + 4);
  expect(await lacking(share + 0.01)).toEqual([]);
  expect(await lacking(share - 0.01)).toMatchObject([
    {
      pass: 'rejected',
      why: expect.stringMatching(new RegExp(`^${above - 1} of ${above + 4} events of stream`)) as string,
    },
  ]);
});
