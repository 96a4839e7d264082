import { nextStreamVersion, registerProject } from '@twofold/releases';
import { instant, stream, text, decimal, type Stream } from '@twofold/schemas';
import { count, sum, tumbling, view, type View } from '@twofold/views';
import { describe, expect, test } from 'vitest';
import { runSpeedLayer } from '../src/speed-layer.ts';
import {
  events,
  HORIZON,
  perSensor,
  readings,
  registered,
  rowsOf,
  shown,
  SLICE,
  surroundings,
  TOPIC,
} from './sample.ts';

const fields = { sensor: text().maxLength(16), at: instant('ms'), value: decimal(2).between(-1000, 1000) };
const declared = {
  ...({ fields, id: ['sensor', 'at'], eventTime: 'at', partitionKey: 'sensor', skew: null } as const),
  ...{ dedupeHorizon: HORIZON, sliceSize: SLICE },
};

const changes: readonly (readonly [string, Stream])[] = [
  ['a field is added', stream('readings', { ...declared, fields: { ...fields, note: text().optional() } })],
  ['a range is tightened', stream('readings', { ...declared, fields: { ...fields, value: decimal(2).between(0, 5) } })],
  ['its version is raised', stream('readings', { ...declared, version: 2 })],
];

test('the declaration that this test changes is the registered one', () => {
  expect(stream('readings', declared).fingerprint).toBe(readings.fingerprint);
});

test.each(changes)('E9: when %s, no row is folded by it, and the incident says why', async (_, changed) => {
  const { log, store, clock, logger } = surroundings();
  await log.ensureTopic(TOPIC, { partitions: 1 });
  await registered(log, store);
  await log.append(TOPIC, events(60, 3));
  const stop = new AbortController();
  const layer = runSpeedLayer(
    { streams: [{ stream: changed, topic: TOPIC }], views: [perSensor] },
    { log, store, clock, logger },
    stop.signal,
  );
  for (let at = 0; at < 1_000; at += 50) await clock.advance(50);
  expect(layer.incidents).toMatchObject([{ stream: 'readings', partition: 0, code: 'STREAM_DIFFERS' }]);
  expect(await rowsOf(store)).toEqual([]);
  stop.abort();
  for (let at = 0; at < 500; at += 50) await clock.advance(50);
  await layer.done;
});

describe('two versions of a stream', () => {
  const tightened = stream('readings', {
    ...declared,
    version: 2,
    fields: { ...fields, value: decimal(2).between(0, 5) },
  });
  const small = view('small', {
    from: tightened,
    version: 1,
    dimensions: (e) => ({ sensor: e.sensor }),
    window: tumbling('1m'),
    measures: (e) => ({ readings: count(), total: sum(e.value) }),
    levels: { '1m': 'forever' },
    serve: [{ key: ['sensor'] }],
  });
  const registeredView = ({ name, version, fingerprint }: View) => ({
    view: name,
    version,
    fingerprint,
    stream: 'readings',
  });

  /** What processes leave behind that fold these views of these versions, the newest last. */
  async function folded(streams: readonly Stream[], views: readonly View[]) {
    const around = surroundings();
    const { log, store, clock, logger } = around;
    await log.ensureTopic(TOPIC, { partitions: 1 });
    const [first = readings, second] = streams;
    const { version, fingerprint, sliceSize } = first;
    const state = { version, fingerprint, sliceSize, logIdentity: await log.identity(TOPIC), origins: [0] };
    const all = { project: 'p', incarnation: store.incarnation, streams: { readings: state } };
    const row = registerProject({ ...all, views: views.map(registeredView) });
    const next = second === undefined ? null : nextStreamVersion(row, 'readings', second);
    if (next?.ok === false) throw new RangeError(next.message);
    await store.control.create(next?.row ?? row);
    const stop = new AbortController();
    const layers = streams.map((of) =>
      runSpeedLayer({ streams: [{ stream: of, topic: TOPIC }], views }, { log, store, clock, logger }, stop.signal),
    );
    const all70 = events(70, 4);
    for (let at = 0; at < all70.length; at += 7) {
      await log.append(TOPIC, all70.slice(at, at + 7));
      for (let i = 0; i < 6; i++) await clock.advance(50);
    }
    stop.abort();
    for (let at = 0; at < 500; at += 50) await clock.advance(50);
    await Promise.all(layers.map(({ done }) => done));
    const rows = async ({ name }: View): Promise<string[]> => {
      const query = { view: name, version: 1, partition: 0, buckets: null, startFrom: 0, startBelow: 1_000 };
      return shown([...(await store.speedRows.read(query))]);
    };
    return { rows, ledger: await store.ledger.read('readings', 0, 0, 1_000), layers };
  }

  test('E9: are folded side by side, each view from records as its own version reads them', async () => {
    const both = await folded([readings, tightened], [perSensor, small]);
    const [old, now] = [await folded([readings], [perSensor]), await folded([tightened], [small])];
    expect(both.layers.flatMap(({ incidents }) => incidents)).toEqual([]);
    expect(await both.rows(perSensor)).toEqual(await old.rows(perSensor));
    expect(await both.rows(small)).toEqual(await now.rows(small));
    expect((await both.rows(small)).length).toBeGreaterThan(0);
    expect(await both.rows(small)).not.toEqual(await both.rows(perSensor));
  });

  test('E10: what becomes of records is counted by the newest version alone', async () => {
    const both = await folded([readings, tightened], [perSensor, small]);
    const [old, now] = [await folded([readings], [perSensor]), await folded([tightened], [small])];
    expect(both.ledger).toEqual(now.ledger);
    expect(both.ledger).not.toEqual(old.ledger);
  });
});
