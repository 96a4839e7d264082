import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Stream,
  boolean,
  bytes,
  createDecoder,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  list,
  record,
  stream,
  text,
  uuid,
} from '../src/index.ts';
import { hostileMessages, memoryBatch, soundMessages } from '../src/testing/index.ts';
import { seen } from './seen-columns.ts';

const logTime = 1_700_000_000_000;

const sensorReadings = stream('sensor-readings', {
  fields: {
    sensorId: text().from('sensor_id').maxLength(64),
    at: instant('ms').from('timestamp'),
    temperature: decimal(3).unit('°C').between(-90, 400),
    pressure: decimal(3).optional(),
    vibration: float({ quantum: 2 ** -20 }).between(0, 1000),
  },
  id: ['sensorId', 'at'],
  eventTime: 'at',
});

const allKinds = stream('all-kinds', {
  fields: {
    plain: text().maxLength(30).optional(),
    code: text().matches('[A-Z]{2}-[0-9]{1,4}').optional(),
    count: int().from('co"unt'),
    rounded: decimal(2).round().optional(),
    fine: decimal(15).optional(),
    coarse: float({ quantum: 2 ** 40 }).optional(),
    tiny: float({ quantum: 2 ** -60 }).optional(),
    on: boolean().optional(),
    second: instant('s').optional(),
    micro: instant('us').from('µs'),
    day: date().optional(),
    state: enumeration(['up', 'down', 'é']).optional(),
    ref: uuid(),
    blob: bytes().maxLength(9).optional(),
    tags: list(text().maxLength(5)).maxItems(4).optional(),
    trimmed: text().maxLength(8).trimmed().optional(),
    lower: text().maxLength(6).matches('[a-z é]*').trimmed().lowercased().optional(),
    upper: list(text().maxLength(3).uppercased()).unique().optional(),
    levels: list(decimal(1)).unique().optional(),
  },
  id: ['ref'],
  eventTime: 'micro',
});

const byDay = stream('by-day', {
  fields: { k: text(), d: date().between('2000-01-01', '2030-12-31') },
  id: ['k', 'd'],
  eventTime: 'd',
  skew: null,
});

const nested = stream('nested', {
  fields: {
    k: text().maxLength(6),
    place: record({
      lat: decimal(2).between(-90, 90),
      lon: decimal(2).optional().from('l"on'),
      site: record({ name: text().maxLength(9), floor: int().optional() })
        .optional()
        .from('@'),
      tags: list(text().maxLength(4)).maxItems(3).optional(),
    }).optional(),
    meta: record({
      at: instant('ms'),
      state: enumeration(['up', 'down']).optional(),
      ids: list(int()).unique().optional(),
    }).from('m'),
    k2: boolean().optional(),
  },
  id: ['k', 'metaAt'],
  eventTime: 'metaAt',
});

const streams: readonly Stream[] = [sensorReadings, allKinds, byDay, nested];

describe.each(streams.map((declared) => [declared.name, declared] as const))('decoding %s', (_, declared) => {
  it('gives the same columns and rejections on the fast path as on the exact one', () => {
    const bounded = { ...declared, maxRecordBytes: 600 };
    const message = fc.oneof(
      { weight: 1, arbitrary: soundMessages(declared, { logTime }) },
      { weight: 3, arbitrary: hostileMessages(declared, { logTime }) },
      { weight: 1, arbitrary: fc.constant(null) },
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(message, { maxLength: 12 }), { maxLength: 3 }),
        fc.nat({ max: 3 }),
        (batches, resetAt) => {
          const fast = createDecoder(bounded);
          const exact = createDecoder(bounded, { path: 'exact' });
          batches.forEach((messages, i) => {
            if (i === resetAt) {
              fast.dictionary.reset();
              exact.dictionary.reset();
            }
            const batch = memoryBatch(
              2,
              i * 1000,
              messages.map((value, row) => ({ value, time: logTime - (row % 3) * 86_400_000 * 4 })),
            );
            expect(seen(fast.decode(batch))).toEqual(seen(exact.decode(batch)));
          });
        },
      ),
      { numRuns: 800 },
    );
  }, 60_000);

  it('accepts every sound message, whatever the order of its keys', () => {
    const decoder = createDecoder(declared);
    fc.assert(
      fc.property(soundMessages(declared, { logTime }), (value) => {
        expect(decoder.decode(memoryBatch(0, 0, [{ value, time: logTime }])).rejections).toEqual([]);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it('never throws and accounts for every record, whatever the bytes', () => {
    const decoder = createDecoder(declared);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (values) => {
        const columns = decoder.decode(
          memoryBatch(
            0,
            5,
            values.map((value) => ({ value, time: logTime })),
          ),
        );
        const rejected = [...columns.classes.subarray(0, columns.count)].filter((each) => each === 2).length;
        expect(columns.count).toBe(values.length);
        expect(columns.rejections.length).toBe(rejected);
        for (const { row, offset, detail } of columns.rejections) {
          expect(offset).toBe(5 + row);
          expect(detail.length).toBeGreaterThan(10);
        }
      }),
      { numRuns: 1000 },
    );
  }, 60_000);
});

describe('the fast path', () => {
  const message = (change: object): string =>
    JSON.stringify({
      sensor_id: 's-00042',
      timestamp: logTime,
      temperature: 21.37,
      pressure: 101.325,
      vibration: 0.9731,
      ...change,
    });

  it('is the one that plain messages take, in any order of keys and with blanks', () => {
    const decoder = createDecoder(sensorReadings);
    const plain = [
      message({}),
      message({ sensor_id: 'Zürich 漢字 😀', pressure: null }),
      message({ pressure: undefined, vibration: 1 / 3 }),
      message({ unknown: { nested: [1, 'a', null, true], more: { deep: -1.5e3 } } }),
      message({ temperature: -0, timestamp: '2023-11-14T22:13:20.123Z' }),
      `{ "vibration": 1, "timestamp": ${logTime}, "sensor_id": "a", "temperature": 20.5 }\n`,
    ];
    const columns = decoder.decode(
      memoryBatch(
        0,
        0,
        plain.map((value) => ({ value, time: logTime })),
      ),
    );
    expect(columns.rejections).toEqual([]);
    expect(decoder.exactRecords).toBe(0);
  });

  it('takes a float for the double that a JSON parser makes of it, whatever its digits', () => {
    const fine = stream('s', {
      fields: { at: instant('ms'), f: float({ quantum: 2 ** -26 }) },
      id: ['at'],
      eventTime: 'at',
    });
    const decoder = createDecoder(fine);
    const digits = (maxLength: number): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });
    const token = fc
      .tuple(fc.constantFrom('', '-'), fc.nat({ max: 134_000_000 }), digits(14))
      .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction}`);
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 20 }), (tokens) => {
        const values = tokens.map((each) => ({ value: `{"at":${logTime},"f":${each}}`, time: logTime }));
        const column = decoder.decode(memoryBatch(0, 0, values)).fields[1];
        // One double lies at most one quantum from the next, so a wrong last bit shows.
        const wanted = tokens.map((each) => Math.floor(Number(each) * 2 ** 26) + 0);
        expect(column?.kind === 'number' && [...column.values.subarray(0, tokens.length)]).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
    expect(decoder.exactRecords).toBe(0);
  }, 60_000);

  it('learns which checked texts are fit, and forgets it with the dictionary', () => {
    const decoder = createDecoder(allKinds);
    const value = JSON.stringify({
      'co"unt': 1,
      code: 'AB-12',
      state: 'up',
      ref: '123e4567-e89b-12d3-a456-426614174000',
      µs: 5,
    });
    const wrong = JSON.stringify({
      'co"unt': 1,
      code: 'up',
      state: 'AB-12',
      ref: '123e4567-e89b-12d3-a456-426614174000',
      µs: 5,
    });
    const counts = [value, value, value, wrong].map((each) => {
      decoder.decode(memoryBatch(0, 0, [{ value: each, time: logTime }]));
      return decoder.exactRecords;
    });
    expect(counts).toEqual([1, 1, 1, 2]);
    decoder.dictionary.reset();
    const columns = decoder.decode(
      memoryBatch(
        0,
        0,
        [wrong, value, value].map((each) => ({ value: each, time: logTime })),
      ),
    );
    expect([...columns.classes.subarray(0, 3)]).toEqual([2, 0, 0]);
    expect(decoder.exactRecords).toBe(4);
  });

  it('says when its dictionary has grown beyond its bounds', () => {
    const decoder = createDecoder(sensorReadings, { maxTexts: 2 });
    const needs = ['a', 'b', 'b', 'c'].map((id) => {
      decoder.decode(memoryBatch(0, 0, [{ value: message({ sensor_id: id }), time: logTime }]));
      return decoder.needsReset();
    });
    expect(needs).toEqual([false, false, false, true]);
    decoder.dictionary.reset();
    expect(decoder.needsReset()).toBe(false);
    expect(() => createDecoder(sensorReadings, { maxTexts: 0 })).toThrow(/maxTexts/);
  });
});
