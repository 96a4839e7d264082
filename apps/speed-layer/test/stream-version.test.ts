import { instant, stream, text, decimal, type Stream } from '@twofold/schemas';
import { expect, test } from 'vitest';
import { runSpeedLayer } from '../src/speed-layer.ts';
import { events, HORIZON, perSensor, readings, registered, rowsOf, SLICE, surroundings, TOPIC } from './sample.ts';

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
