import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ClassifiedReader } from '@twofold/event-log';
import { createClassifier, createDecoder, decimal, instant, stream, text } from '@twofold/schemas';
import { memoryBatch } from '@twofold/schemas/testing';
import { count, createFold, sliding, stddev, sum, tumbling, view, type View } from '@twofold/views';
import { expect, test } from 'vitest';
import { LaneFold } from '../src/lane-fold.ts';
import { LedgerFold } from '../src/ledger-fold.ts';

const SLICE = 1_024;
const HORIZON = 5_000;
const SENSORS = 100;
const BATCH = 512;

/** Every event has an id of its own, so that whatever keeps ids or texts for longer than it says shows. */
const readings = stream('readings', {
  fields: { id: text(), sensor: text(), at: instant('ms'), value: decimal(2).between(-1000, 1000) },
  id: ['id'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
  dedupeHorizon: HORIZON,
  sliceSize: SLICE,
});
const declared = { from: readings, version: 1, serve: [{ key: ['sensor'] }] } as const;
const perMinute = view('perMinute', {
  ...declared,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: (e) => ({ readings: count(), total: sum(e.value) }),
  levels: { '1m': 'forever' },
});
const rolling = view('rolling', {
  ...declared,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: sliding('1m', { every: '1s' }),
  measures: (e) => ({ spread: stddev(e.value) }),
  levels: { '1s': '2d', '1m': 'forever' },
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are alive after a full collection: objects and buffers. */
function aliveBytes(): number {
  for (let i = 0; i < 3; i++) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const encoder = new TextEncoder();
/** One in ten is no event and one in twenty repeats an id of within the horizon. */
function message(n: number): Uint8Array {
  if (n % 10 === 9) return encoder.encode(`{"id":"broken-${n}"`);
  const id = n % 20 === 13 ? n - 7 : n;
  const at = new Date(Date.UTC(2026, 0, 1) + 10 * id).toISOString();
  const value = ((id * 7919) % 20_000) / 100;
  return encoder.encode(`{"id":"event-${id}","sensor":"s-${id % SENSORS}","at":"${at}","value":${value}}`);
}

function messages(from: number) {
  return Array.from({ length: BATCH }, (_, i) => ({ value: message(from + i), time: 0, offsetDelta: i }));
}

/** All that one partition's worker holds of a log, fed as the worker does; what a flush takes is let go. */
function partition() {
  const cursor = {
    read: async (from: number) => memoryBatch(0, from, messages(from)),
    close: async () => undefined,
  };
  const decoder = createDecoder(readings);
  const reader = new ClassifiedReader(
    {
      cursor,
      decoder,
      classifier: createClassifier(readings),
      origin: 0,
      dedupeHorizon: HORIZON,
      historySize: 4 * SLICE,
      maxBytes: 1 << 20,
      textBytes: 1 << 20,
    },
    0,
  );
  const laneOf = (declaration: View): LaneFold => {
    const of = { stream: readings.name, view: declaration.name, version: 1, partition: 0 };
    return new LaneFold({ ...of, name: 'base', start: 0, end: null }, createFold(declaration), SLICE, 0, null);
  };
  const lanes = [laneOf(perMinute), laneOf(rolling)];
  const ledger = new LedgerFold(readings.name, 0, SLICE, 0);
  let next = 0;
  let taken = { rows: 0, entries: 0, deadLetters: 0 };
  let texts = 0;
  const { signal } = new AbortController();
  const feed = async (until: number): Promise<void> => {
    while (next < until) {
      const read = await reader.read({ waitMs: 0, signal });
      if (read === null) continue;
      for (const fold of [...lanes, ledger]) fold.apply(read.columns);
      next = read.columns.nextOffset;
      texts = Math.max(texts, decoder.dictionary.size);
      const rows = lanes.flatMap((lane) => lane.takeRows());
      for (const lane of lanes) lane.takeProgress(next);
      const { entries, deadLetters } = ledger.take();
      taken = {
        rows: Math.max(taken.rows, rows.length),
        entries: Math.max(taken.entries, entries.length),
        deadLetters: Math.max(taken.deadLetters, deadLetters.length),
      };
    }
  };
  return { feed, texts: () => texts, largest: () => taken, pending: () => lanes.map((lane) => lane.pendingBytes) };
}

const WARM = 100 * BATCH;
const MORE = 200 * BATCH;
/** A leak of eight bytes an event, of one dead letter or of one id would be above it. */
const GROWTH_BYTES = MORE * 8;

test('X7: what a partition of the speed layer holds does not grow with the log, once its horizon is full', async () => {
  const { feed, largest, pending, texts } = partition();
  await feed(WARM);
  const before = aliveBytes();
  await feed(WARM + MORE);
  const grown = aliveBytes() - before;
  expect(grown).toBeLessThan(GROWTH_BYTES);
  // One flush holds the slices it has met and no more, each view's buckets, the dead letters of its own positions.
  const slices = BATCH / SLICE + 2;
  expect(largest().entries).toBeLessThanOrEqual(slices);
  expect(largest().rows).toBeLessThanOrEqual(slices * (perMinute.buckets + rolling.buckets));
  expect(largest().deadLetters).toBeLessThanOrEqual(BATCH / 10 + 1);
  expect(pending()).toEqual([0, 0]);
  // Every event brings a text of its own; those of one MiB are held at once.
  expect(texts()).toBeLessThan((1 << 20) / message(100_000).length + 2 * BATCH);
});

test('X7: the measure sees a ledger that is never flushed', () => {
  const ledger = new LedgerFold(readings.name, 0, SLICE, 0);
  const decoder = createDecoder(readings);
  const before = aliveBytes();
  for (let next = 0; next < MORE; next += BATCH) {
    ledger.apply(decoder.decode(memoryBatch(0, next, messages(next))));
  }
  expect(aliveBytes() - before).toBeGreaterThan(GROWTH_BYTES);
  expect(ledger.take().deadLetters.length).toBe(Math.floor(MORE / 10));
});
