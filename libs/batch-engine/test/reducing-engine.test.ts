import {
  batchesFrom,
  createJsEngine,
  createReducingEngine,
  type BatchEngine,
  type SourceFile,
} from '@twofold/batch-engine';
import { archivedColumnsOf, engineView, states, type SourceEvent } from '@twofold/batch-engine/testing';
import { createAccumulator, reducer, tumbling, view, type PartialColumns, type View } from '@twofold/views';
import { expect, test } from 'vitest';

const own = view('own', {
  from: states,
  version: 1,
  dimensions: (e) => ({ machine: e.machine }),
  window: tumbling('1m'),
  measures: (e) => ({
    worst: reducer({
      of: { state: e.state, alarm: e.alarm },
      zero: { down: 0, alarms: 0 },
      lift: ({ state, alarm }) => ({ down: state === 'down' ? 1 : 0, alarms: alarm === true ? 1 : 0 }),
      plus: (a, b) => ({ down: a.down + b.down, alarms: a.alarms + b.alarms }),
      shows: 'number',
      present: ({ down, alarms }) => (down === 0 ? null : alarms / down),
    }),
  }),
  levels: { '1s': 'forever' },
  serve: [{ key: ['machine'] }],
});

const STATES = ['idle', 'busy', 'down'];
const events = Array.from({ length: 90 }, (_, offset): SourceEvent => ({
  offset: offset * 2,
  time: (offset * 7_919) % 150_000,
  class: offset % 11 === 0 ? 1 : 0,
  values: {
    machine: `m${offset % 4}`,
    at: offset,
    whole: offset,
    state: STATES[offset % 3] ?? null,
    alarm: offset % 2,
  },
}));
const file = { partition: 3, from: 0, to: 180 };
/** One range of a file after the other, as where corrections left out positions. */
const sources = [
  [0, 40],
  [44, 101],
  [110, 180],
].map(([from = 0, to = 0]): SourceFile => ({ path: 'one', partition: file.partition, from, to }));

/** The engine that is wrapped: it says what it was asked. */
function asked(): { readonly engine: BatchEngine; readonly views: string[] } {
  const views: string[] = [];
  const engine: BatchEngine = {
    fold: ({ view: of }) => {
      views.push(of.name);
      return noBlocks();
    },
    survey: ({ view: of }) => {
      views.push(`survey of ${of.name}`);
      return Promise.resolve({ buckets: [], maxEventTime: null, applied: 0 });
    },
    close: () => Promise.resolve(),
  };
  return { engine, views };
}

async function* noBlocks(): AsyncGenerator<PartialColumns> {
  yield* [];
}

async function chunkOf(engine: BatchEngine, of: View, sliceSize: number | null): Promise<Uint8Array> {
  const accumulator = createAccumulator(of, { widthMs: 1_000 });
  const job = { view: of, widthMs: 1_000, files: sources, panes: { from: 10_000, to: 130_000 }, sliceSize };
  for await (const block of engine.fold(job)) accumulator.addColumns(block);
  return accumulator.toChunk().bytes;
}

test.each([null, 16])(
  'a view with a reducer is folded batch by batch to what it is as a whole: slices of %s',
  async (size) => {
    const { engine, views } = asked();
    const batches = [events.slice(0, 25), events.slice(25, 26), events.slice(26)];
    const reducing = createReducingEngine(engine, async function* (_, stream) {
      for (const some of batches) yield archivedColumnsOf(stream, { ...file, events: some });
    });
    const whole = createJsEngine((_, stream) => Promise.resolve(archivedColumnsOf(stream, { ...file, events })));
    const chunk = await chunkOf(reducing, own, size);
    expect(chunk).toEqual(await chunkOf(whole, own, size));
    expect(chunk.length).toBeGreaterThan(100);
    expect(views).toEqual([]);
  },
);

test('every other view, and every survey, is the affair of the engine that is wrapped', async () => {
  const { engine, views } = asked();
  const reducing = createReducingEngine(engine, () => {
    throw new RangeError('no file is read here');
  });
  await chunkOf(reducing, engineView(), null);
  await reducing.survey({ view: own, files: sources, bucketMs: 1_000 });
  expect(views).toEqual(['engine-view', 'survey of own']);
});

test('a file that can not be read fails the fold, and says which', async () => {
  const reducing = createReducingEngine(asked().engine, batchesFrom({ columnBatches: () => expect.fail('not asked') }));
  await expect(chunkOf(reducing, own, null)).rejects.toMatchObject({
    code: 'ENGINE_FAILED',
    facts: { files: ['one'] },
  });
});
