import { createMemoryArchive } from '@twofold/archive';
import { BatchLayer, BATCH_DEFAULTS } from '@twofold/batch-layer';
import { createJsEngine } from '@twofold/batch-engine';
import { createMemoryLog } from '@twofold/event-log';
import { SensorEvents } from '@twofold/event-generator';
import { decimal, float, instant, stream, text } from '@twofold/schemas';
import { systemClock, ulidIds } from '@twofold/service';
import { seededRng } from '@twofold/service/testing';
import { runSpeedLayer } from '@twofold/speed-layer';
import { createMemoryStore } from '@twofold/view-store';
import { caughtUp } from '@twofold/cli';
import { avg, count, decodeChunk, max, project, sliding, sum, stddev, view } from '@twofold/views';
import { expect, test } from 'vitest';
import { BatchReader, ByteCache, readView } from '@twofold/serving-api';

const readings = stream('sensor-readings', {
  fields: {
    sensorId: text().from('sensor_id').maxLength(64),
    at: instant('ms').from('timestamp'),
    temperature: decimal(3).between(-90, 400),
    pressure: decimal(3).optional(),
    vibration: float({ quantum: 2 ** -20 }).between(0, 1000),
  },
  id: ['sensorId', 'at'],
  eventTime: 'at',
  partitionKey: 'sensorId',
  skew: null,
  dedupeHorizon: 5_000,
  sliceSize: 256,
});

const sensorMinute = view('sensorMinute', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensorId }),
  window: sliding('1m', { every: '1s' }),
  measures: (e) => ({
    readings: count(),
    temperature: avg(e.temperature),
    total: sum(e.temperature),
    worst: max(e.vibration),
    spread: stddev(e.vibration),
  }),
  levels: { '1s': 'forever', '1m': 'forever' },
  serve: [{ key: ['sensor'] }],
});

test('events come out as the sum of a batch view and a speed view, each counted once', async () => {
  const clock = systemClock();
  const ids = ulidIds(clock, seededRng(7));
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const log = createMemoryLog({ clock, ids });
  const store = createMemoryStore({ ids });
  const archive = createMemoryArchive({ ids });
  const engine = createJsEngine(async (file, of) => {
    const found = (await archive.head(of.name)).files.find((f) => archive.locate(f) === file.path);
    if (found === undefined) throw new TypeError('no such file');
    return archive.readColumns(of, found);
  });
  await log.ensureTopic('t', { partitions: 3 });
  const streams = [{ stream: readings, topic: 't' }];
  const batch = new BatchLayer(
    { id: 'p', streams, views: [sensorMinute] },
    { log, archive, engine, store, clock, ids, logger: silent },
    BATCH_DEFAULTS,
  );
  const stop = new AbortController();
  await batch.archiveAll(stop.signal);
  const speed = runSpeedLayer({ streams, views: [sensorMinute] }, { log, store, clock, logger: silent }, stop.signal);
  const events = new SensorEvents({ sensors: 20, ratePerSecond: 50, duplicate: 0.01, malformed: 0.01 });
  for (let round = 0; round < 3; round++) {
    await log.append(
      't',
      events.take(1_000).map(({ key, value }) => ({ key, value })),
    );
    const result = await batch.recompute([sensorMinute], stop.signal);
    expect(result.release).not.toBeNull();
  }
  await log.append(
    't',
    events.take(700).map(({ key, value }) => ({ key, value })),
  );
  await caughtUp(
    project('p', { streams: [readings], views: [sensorMinute] }),
    { topics: streams, log, store, clock },
    AbortSignal.timeout(5_000),
  );
  const cache = new ByteCache(1 << 24);
  const answer = await readView(
    {
      view: sensorMinute,
      layer: 'MERGED',
      keys: null,
      from: Date.UTC(2025, 11, 31),
      to: Date.UTC(2026, 0, 2),
      grainMs: 60_000,
      release: null,
      positions: null,
    },
    { store, batch: new BatchReader(store, cache), cache },
  );
  stop.abort();
  await speed.done;
  const totals = (await store.ledger.totals('sensor-readings')).reduce(
    (sums, entry) => ({
      applied: sums.applied + entry.applied,
      duplicate: sums.duplicate + entry.duplicate,
      rejected: sums.rejected + entry.rejected,
    }),
    { applied: 0, duplicate: 0, rejected: 0 },
  );
  expect(totals.applied + totals.duplicate + totals.rejected).toBe(3_700);
  const rows = decodeChunk(sensorMinute, answer.panes.toChunk().bytes).columns.components[0];
  const counted = rows?.kind === 'count' ? rows.values.reduce((sum, n) => sum + n, 0) : -1;
  expect(counted).toBe(totals.applied);
  expect(answer.release.number).toBe(3);
});
