import { describe, expect, it } from 'vitest';
import { createDecoder, enumeration, instant, int, RecordClass, stream, text } from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

const orders = stream('orders', {
  format: 'debezium',
  fields: {
    id: int(),
    customer: text().optional(),
    op: enumeration(['c', 'u', 'd', 'r']).from('$op'),
    lsn: int().from('$source.lsn'),
    at: instant('ms').from('$ts_ms'),
    amount: int().optional(),
  },
  id: ['id', 'lsn'],
  eventTime: 'at',
  skew: null,
  maxRecordBytes: 400,
});

const row = { id: 7, customer: 'a "b" {}', amount: 12 };
const around = { ts_ms: 1_000, source: { db: 'shop', lsn: 9_007_199_254_740_991 } };

function decoded(...values: readonly unknown[]) {
  const columns = createDecoder(orders).decode(
    memoryBatch(
      0,
      5,
      values.map((value) => ({ value, time: 0 })),
    ),
  );
  return values.map((_, i) => {
    if (columns.classes[i] === RecordClass.rejected) return columns.rejections.find((each) => each.row === i)?.code;
    return columns.fields.map((column) =>
      column.kind === 'number'
        ? column.valid[i] === 1
          ? column.values[i]
          : null
        : (column.ids[i] ?? -1) < 0
          ? null
          : column.dictionary.text(column.ids[i] ?? 0),
    );
  });
}

describe('a stream of Debezium envelopes', () => {
  it('has the row after, before where it was deleted, and what stands around it', () => {
    expect(
      decoded(
        { before: null, after: row, op: 'c', ...around },
        { op: 'd', ...around, before: { id: 7 }, after: null },
        {
          schema: { type: 'struct' },
          payload: { ...around, op: 'u', before: { id: 1 }, after: { ...row, amount: null } },
        },
        ' { "op" : "r" , "after" : { "id" : 8 } , "ts_ms" : 5 , "source" : { "lsn" : 1 } } ',
      ),
    ).toEqual([
      [7, 'a "b" {}', 'c', 9_007_199_254_740_991, 1_000, 12],
      [7, null, 'd', 9_007_199_254_740_991, 1_000, null],
      [7, 'a "b" {}', 'u', 9_007_199_254_740_991, 1_000, null],
      [8, null, 'r', 1, 5, null],
    ]);
  });

  it('rejects what is none, each for what it is', () => {
    expect(
      decoded(
        null,
        '{"op":',
        row,
        { $op: 'c', '$source.lsn': 1, $ts_ms: 1, id: 1 },
        { op: 't', ...around, after: row },
        { op: 'c', ts_ms: 1_000, after: row },
        { op: 'd', ...around, before: null, after: row },
        { op: 'c', ...around, after: { ...row, $op: 'u' } },
        { op: 'c', ...around, after: { ...row, customer: 'x'.repeat(400) } },
        { op: 'c', ...around, after: [] },
      ),
    ).toEqual([
      'NULL_VALUE',
      'INVALID_JSON',
      'MISSING_FIELD',
      'MISSING_FIELD',
      'NOT_IN_ENUMERATION',
      'MISSING_FIELD',
      'MISSING_FIELD',
      'DUPLICATE_KEY',
      'TOO_LARGE',
      'MISSING_FIELD',
    ]);
  });

  it('is another stream than one without envelopes', () => {
    const plain = stream('orders', { fields: { id: int(), at: instant('ms') }, id: ['id'], eventTime: 'at' });
    const wrapped = stream('orders', {
      fields: { id: int(), at: instant('ms') },
      id: ['id'],
      eventTime: 'at',
      format: 'debezium',
    });
    expect(wrapped.fingerprint).not.toBe(plain.fingerprint);
    expect('format' in plain).toBe(false);
  });
});
