import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  boolean,
  createDecoder,
  createPartitionKeyReader,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  record,
  RecordClass,
  stream,
  text,
  uuid,
  type FieldBuilders,
  type Stream,
  type StreamDeclaration,
} from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

function keyOf(of: Stream, message: unknown): string | null {
  const value = typeof message === 'string' ? message : JSON.stringify(message);
  const key = createPartitionKeyReader(of)(new TextEncoder().encode(value));
  return key === null ? null : new TextDecoder().decode(key);
}

const orders = stream('orders', {
  format: 'debezium',
  fields: {
    id: int().between(1, 100),
    op: enumeration(['c', 'u', 'd', 'r']).from('$op'),
    lsn: int().from('$source.lsn'),
    at: instant('ms').from('$ts_ms'),
    amount: int().optional(),
  },
  id: ['id', 'lsn'],
  eventTime: 'at',
  partitionKey: 'id',
  skew: null,
});

test('E27: an envelope has the key of its row: of what it is after, and before where it was deleted, wrapped or not', () => {
  const around = { ts_ms: 1, source: { lsn: 5 } };
  const envelopes = [
    { op: 'c', before: null, after: { id: 7, amount: 10 }, ...around },
    { op: 'u', before: { id: 7 }, after: { amount: 12, id: 7 }, ...around },
    { op: 'd', before: { id: 7 }, after: null, ...around },
    { schema: { type: 'struct' }, payload: { op: 'r', before: null, after: { id: 7 }, ...around } },
    { id: 9, $op: 'c', op: 'r', after: { id: 7 }, ...around },
  ];
  expect(envelopes.map((envelope) => keyOf(orders, envelope))).toEqual(['7', '7', '7', '7', '7']);
  expect(['', 'null', '{"id":7}', '{"op":"d","after":{"id":7}}'].map((value) => keyOf(orders, value))).toEqual([
    ...[null, null, null, null],
  ]);
  const bySource = stream('orders', {
    format: 'debezium',
    fields: { lsn: int().from('$source.lsn'), at: instant('ms').from('$ts_ms') },
    id: ['lsn'],
    eventTime: 'at',
  });
  expect(keyOf(bySource, envelopes[3])).toBe('5');
});

test('all spellings of one value have one key, which is what most write', () => {
  const at = instant('ms');
  const of = (key: FieldBuilders[string], ...values: string[]): (string | null)[] => {
    const declared = { fields: { key, at }, id: ['key'], eventTime: 'at' };
    const keyed = stream('s', declared as unknown as StreamDeclaration<FieldBuilders>);
    return values.map((value) => keyOf(keyed, `{"key":${value}}`));
  };
  expect(of(text().trimmed().lowercased(), '"ann"', '" Ann\\t"', '"\\u0041NN"')).toEqual(['ann', 'ann', 'ann']);
  expect(of(int(), '7', '7.0', '7e0', '9007199254740991')).toEqual(['7', '7', '7', '9007199254740991']);
  expect(of(decimal(2), '12.30', '12.3', '1230e-2', '-0.05')).toEqual(['12.3', '12.3', '12.3', '-0.05']);
  expect(of(float({ quantum: 2 ** -4 }), '0.0625', '0.07')).toEqual(['0.0625', '0.0625']);
  expect(of(boolean(), 'true', 'false')).toEqual(['true', 'false']);
  expect(of(date(), '"2026-02-28"')).toEqual(['2026-02-28']);
  expect(of(at, '1000', '"1970-01-01T00:00:01Z"', '"1970-01-01T00:00:01.000Z"')).toEqual(['1000', '1000', '1000']);
  const id = '0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f';
  expect(of(uuid(), `"${id}"`, `"${id.toUpperCase()}"`)).toEqual([id, id]);
  expect(of(enumeration(['a', 'b']), '"a"')).toEqual(['a']);
});

test('a record that is rejected for its size, its bounds or another field is placed by its key all the same', () => {
  const small = stream('s', {
    fields: { site: record({ name: text().maxLength(3).matches('[a-z]+') }), at: instant('ms') },
    id: ['siteName'],
    eventTime: 'at',
    maxRecordBytes: 30,
  });
  expect(keyOf(small, { site: { name: 'LONG ONE' }, at: 'yesterday', more: 'x'.repeat(40) })).toBe('LONG ONE');
  expect(keyOf(small, { site: { name: 7 }, at: 1 })).toBeNull();
  expect(keyOf(small, { site: null, name: 'abc', at: 1 })).toBeNull();
  expect(keyOf(orders, { op: 'c', after: { id: 101 } })).toBe('101');
});

test('two messages have one key exactly where the decoder reads one value', () => {
  const keyed = stream('s', {
    fields: { key: decimal(1), at: instant('ms') },
    id: ['key'],
    eventTime: 'at',
    skew: null,
  });
  const decoder = createDecoder(keyed);
  const spelt = fc
    .tuple(fc.integer({ min: -300, max: 300 }), fc.constantFrom('', '0', '00'), fc.boolean())
    .map(([units, zeros, plain]) => (plain ? `${units / 10}${units % 10 === 0 ? '' : zeros}` : `${units}e-1`));
  fc.assert(
    fc.property(spelt, spelt, (...pair) => {
      const values = pair.map((key) => `{"key":${key},"at":1}`);
      const columns = decoder.decode(
        memoryBatch(
          0,
          0,
          values.map((value) => ({ value, time: 0 })),
        ),
      );
      const [column] = columns.fields;
      fc.pre(column?.kind === 'number' && columns.classes[0] === RecordClass.applied);
      const same = column.values[0] === column.values[1];
      expect(keyOf(keyed, values[0]) === keyOf(keyed, values[1])).toBe(same);
    }),
  );
});
