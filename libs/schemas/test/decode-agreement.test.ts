import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boolean,
  createDecoder,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  stream,
  text,
  uuid,
  type Columns,
  type Stream,
} from '../src/index.ts';
import { hostileMessages, memoryBatch, soundMessages } from '../src/testing/index.ts';

const logTime = 1_700_000_000_000;

const streams: readonly Stream[] = [
  stream('sensor-readings', {
    fields: {
      sensorId: text().from('sensor_id').maxLength(64),
      at: instant('ms').from('timestamp'),
      temperature: decimal(3).unit('°C').between(-90, 400),
      pressure: decimal(3).optional(),
      vibration: float({ quantum: 2 ** -20 }).between(0, 1000),
    },
    id: ['sensorId', 'at'],
    eventTime: 'at',
  }),
  stream('all-kinds', {
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
    },
    id: ['ref'],
    eventTime: 'micro',
  }),
  stream('by-day', {
    fields: { k: text(), d: date().between('2000-01-01', '2030-12-31') },
    id: ['k', 'd'],
    eventTime: 'd',
    skew: null,
  }),
];

/** The columns as plain values: what is undefined where null or rejected is left out. */
function seen(columns: Columns): unknown {
  const rows = Array.from({ length: columns.count }, (_, row) => {
    if (columns.classes[row] !== 0) return columns.classes[row];
    return {
      offset: columns.offsets[row],
      time: columns.times[row],
      eventTime: columns.eventTimes[row],
      values: columns.fields.map((column) => {
        if (column.kind === 'number') return column.valid[row] === 1 ? column.values[row] : null;
        const id = column.ids[row] ?? -1;
        return id === -1 ? null : [id, column.dictionary.text(id)];
      }),
    };
  });
  return { rows, rejections: columns.rejections, partition: columns.partition, nextOffset: columns.nextOffset };
}

describe.each(streams.map((declared) => [declared.name, declared] as const))('decoding %s', (_, declared) => {
  it('gives the same columns and rejections on the fast path as on the exact one', () => {
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
          const fast = createDecoder(declared, { maxRecordBytes: 600 });
          const exact = createDecoder(declared, { maxRecordBytes: 600, path: 'exact' });
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
      { numRuns: 1500 },
    );
  });

  it('accepts every sound message, whatever the order of its keys', () => {
    const decoder = createDecoder(declared);
    fc.assert(
      fc.property(soundMessages(declared, { logTime }), (value) => {
        expect(decoder.decode(memoryBatch(0, 0, [{ value, time: logTime }])).rejections).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

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
  });
});
