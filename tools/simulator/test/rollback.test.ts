import { createMemoryArchive } from '@twofold/archive';
import { BATCH_DEFAULTS, BatchLayer, changeControl } from '@twofold/batch-layer';
import { createJsEngine } from '@twofold/batch-engine';
import { createMemoryLog } from '@twofold/event-log';
import { classify, oracleAnswer, type ClassifiedRecord, type OracleRecord } from '@twofold/oracle';
import { lanesOf, liveRelease, releaseHolds, rollBack, type ControlRow, type Transition } from '@twofold/releases';
import { instant, int, stream, text } from '@twofold/schemas';
import { systemClock, ulidIds } from '@twofold/service';
import { seededRng } from '@twofold/service/testing';
import { BatchReader, ByteCache, readView, selectKeys, type KeyArgument } from '@twofold/serving-api';
import { runSpeedLayer } from '@twofold/speed-layer';
import { createMemoryStore } from '@twofold/view-store';
import { count, decodeChunk, decodeKey, max, sum, tumbling, view, type View } from '@twofold/views';
import { expect, test } from 'vitest';

const TOPIC = 't';
const START = Date.UTC(2026, 0, 1);
const PATHS: readonly KeyArgument[] = [
  {},
  { site: { eq: 'north' } },
  { site: { in: ['south'] }, sensor: { eq: 's1' } },
];

const readings = stream('readings', {
  fields: { site: text(), sensor: text(), at: instant('ms'), value: int() },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
  dedupeHorizon: 50,
  sliceSize: 16,
});

function perSite(version: number): View {
  return view('perSite', {
    from: readings,
    version,
    dimensions: (e) => ({ site: e.site, sensor: e.sensor }),
    window: tumbling('1m'),
    measures: (e) =>
      version === 1 ? { readings: count(), total: sum(e.value) } : { readings: count(), most: max(e.value) },
    levels: { '1m': 'forever' },
    serve: [{ key: [] }, { key: ['site'] }, { key: ['site', 'sensor'] }],
  });
}

const old = perSite(1);
const current = perSite(2);
const other = view('perSensor', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: () => ({ readings: count() }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
});

/** Copies near and beyond the horizon, messages that are no events, and events of all times. */
function someEvents(many: number, seed: number): { key: Uint8Array; value: Uint8Array }[] {
  const encoder = new TextEncoder();
  const rng = seededRng(seed);
  const pick = (below: number): number => Math.floor(rng.next() * below);
  return Array.from({ length: many }, () => {
    const sensor = `s${pick(4)}`;
    const event = { site: ['north', 'south'][pick(2)], sensor, at: START + pick(300) * 1_000, value: pick(100) };
    return { key: encoder.encode(sensor), value: encoder.encode(rng.next() < 0.05 ? '{' : JSON.stringify(event)) };
  });
}

/** All three layers over one memory, with both versions of the view known to the speed layer. */
async function runLayers() {
  const clock = systemClock();
  const ids = ulidIds(clock, seededRng(7));
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const log = createMemoryLog({ clock, ids });
  const store = createMemoryStore({ ids });
  const archive = createMemoryArchive({ ids });
  const engine = createJsEngine(async (file, of) => {
    const found = (await archive.head(of.name)).files.find((f) => archive.locate(f) === file.path);
    if (found === undefined) throw new RangeError(`no archived file ${file.path}`);
    return archive.readColumns(of, found);
  });
  await log.ensureTopic(TOPIC, { partitions: 2 });
  const streams = [{ stream: readings, topic: TOPIC }];
  const ports = { log, archive, engine, store, clock, ids, logger };
  const stop = new AbortController();
  const batchOf = (...views: View[]): BatchLayer => new BatchLayer({ id: 'p', streams, views }, ports, BATCH_DEFAULTS);
  await batchOf(old, other).archiveAll(stop.signal);
  const speed = runSpeedLayer({ streams, views: [old, current, other] }, ports, stop.signal);
  const row = async (): Promise<ControlRow> => {
    const found = await store.control.read();
    if (found === null) throw new RangeError('not registered');
    return found;
  };
  return {
    ids,
    row,
    store,
    log,
    send: async (many: number, seed: number) => log.append(TOPIC, someEvents(many, seed)),
    promote: async (...views: View[]) => batchOf(...views).recompute(views, stop.signal),
    change: (make: (now: ControlRow) => Transition) =>
      changeControl(store.control, clock, { make, effect: () => 'NOT_DONE' }),
    /** Waits until every lane that the control row names has folded all there is (E2, E17). */
    folded: async () => {
      for (;;) {
        const now = await row();
        const behind = (await log.partitions(TOPIC)).flatMap(({ partition, end }) =>
          lanesOf(now, readings.name, partition).map((lane) => ({ lane, until: Math.min(end, lane.end ?? end) })),
        );
        let lags = false;
        for (const { lane, until } of behind) {
          const records = await store.progress.read(lane);
          const at = records.find((r) => r.partition === lane.partition && r.lane === lane.name)?.next ?? -1;
          lags ||= at < until && until > lane.start;
        }
        if (!lags) return;
        await clock.sleep(10);
      }
    },
    end: async () => {
      stop.abort();
      await speed.done;
    },
  };
}

type Layers = Awaited<ReturnType<typeof runLayers>>;

async function wholeLog({ log }: Layers): Promise<ClassifiedRecord[]> {
  const records: OracleRecord[] = [];
  for (const { partition, end } of await log.partitions(TOPIC)) {
    const cursor = log.open(TOPIC, partition);
    for (let at = 0; at < end;) {
      const batch = await cursor.read(at, { to: end });
      for (let row = 0; row < batch.count; row++) {
        const [from, to] = [batch.valueStarts[row] ?? 0, batch.valueEnds[row] ?? 0];
        const value = batch.bytes.slice(from, to);
        const place = { partition, offset: batch.offsets[row] ?? 0, logTime: batch.times[row] ?? 0 };
        records.push({ ...place, key: null, value });
      }
      at = batch.nextOffset;
    }
  }
  return classify(readings, records, [0, 0]);
}

/** Rows of every access path, each counted by the layers together and by the oracle; gives how many were compared. */
async function expectExact(layers: Layers, of: View, paths: readonly KeyArgument[]): Promise<number> {
  const { store } = layers;
  const cache = new ByteCache(1 << 20);
  const log = await wholeLog(layers);
  let compared = 0;
  for (const path of paths) {
    const times = { from: START - 3_600_000, to: START + 3_600_000 };
    const request = { view: of, layer: 'MERGED' as const, ...times, grainMs: null, release: null, positions: null };
    const answer = await readView(
      { ...request, ...selectKeys(of, path) },
      { store, batch: new BatchReader(store, cache), cache },
    );
    const { keys, keyOfRow, columns } = decodeChunk(of, answer.panes.toChunk().bytes);
    const counts = columns.components[0];
    if (counts?.kind !== 'count') throw new RangeError('the first component counts rows');
    const found = Array.from({ length: columns.count }, (_, row) => {
      const key = keys[keyOfRow[row] ?? 0];
      return [key === undefined ? [] : decodeKey(of, key), columns.panes[row], counts.values[row]];
    });
    const wanted = oracleAnswer(of, log, { from: -Infinity, to: Infinity }).filter(({ dimensions }) =>
      Object.entries(path).every(([name, filter]) => (filter?.in ?? [filter?.eq]).includes(dimensions[name] as string)),
    );
    const byText = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
    const expected = wanted.map(({ key, windowStart, values }) => [key, windowStart, Number(values['readings'])]);
    expect(byText(found)).toEqual(byText(expected));
    compared += found.length;
  }
  return compared;
}

test('E17: a view that is rolled back to its older version answers exactly, by every access path, while data flow', async () => {
  const layers = await runLayers();
  await layers.send(150, 1);
  expect((await layers.promote(old, other)).views).toEqual(['perSite', 'perSensor']);
  await layers.send(150, 2);
  expect((await layers.promote(current, other)).views).toEqual(['perSite', 'perSensor']);
  const before = await layers.row();
  const live = liveRelease(before);
  const from = live.entries['perSite'] ?? '';
  const to = Object.values(before.entries).find((e) => e.view === 'perSite' && e.build !== null && e.version === 1);
  if (to === undefined) throw new RangeError('the old entry is not restorable');
  const outcome = await layers.change((now) =>
    rollBack(now, [{ view: 'perSite', from, to: to.id }], layers.ids.next()),
  );
  expect(outcome.kind).toBe('DONE');
  const after = liveRelease(await layers.row());
  expect(after).toMatchObject({ number: live.number + 1, reason: 'ROLLED_BACK' });
  // Only the named view went back; its cut is inside a slice that is folded to this day.
  expect(after.entries).toEqual({ ...live.entries, perSite: to.id });
  await layers.send(150, 3);
  await layers.folded();
  expect(await expectExact(layers, old, PATHS)).toBeGreaterThan(30);
  expect(await expectExact(layers, other, [{}])).toBeGreaterThan(15);
  // A run leaves the held view alone, promotes the other one, and both stay exact.
  expect((await layers.promote(current, other)).views).toEqual(['perSensor']);
  expect(liveRelease(await layers.row()).entries['perSite']).toBe(to.id);
  await layers.send(60, 4);
  await layers.folded();
  await expectExact(layers, old, PATHS);
  await expectExact(layers, other, [{}]);
  // Let go of, it is rebuilt as the program wants it, from all that has come meanwhile.
  await layers.change((now) => releaseHolds(now, ['perSite']));
  expect((await layers.promote(current, other)).views).toContain('perSite');
  await layers.send(60, 5);
  await layers.folded();
  expect(await expectExact(layers, current, PATHS)).toBeGreaterThan(30);
  await expectExact(layers, other, [{}]);
  await layers.end();
});
