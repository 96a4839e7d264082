import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClassifier, createDecoder, RecordClass, type Stream } from '@twofold/schemas';
import { hostileMessages, memoryBatch, soundMessages } from '@twofold/schemas/testing';
import { classify, expectedLedger, type ClassifiedRecord, type OracleRecord, type Value } from '@twofold/oracle';
import { allKinds, logOf, nested, ticks } from './sample.ts';

const tick = (machine: string, at: number): unknown => ({ machine, at });
const classes = (records: readonly OracleRecord[], origins = [0]): string[] =>
  classify(ticks, records, origins).map((record) => (record.class === 'rejected' ? record.code : record.class));

describe('classes', () => {
  it('call a record a duplicate when its id stood within the horizon, and let one more pass just beyond', () => {
    const [a, b] = [tick('a', 1), tick('b', 1)];
    expect(classes(logOf([a, b, a, b]))).toEqual(['applied', 'applied', 'duplicate', 'duplicate']);
    // The horizon is 3 offsets: three away is within, four away is not.
    expect(classes(logOf([a, null, null, a]))).toEqual(['applied', 'duplicate']);
    expect(classes(logOf([a, null, null, null, a]))).toEqual(['applied', 'applied']);
    // A duplicate counts for those after it.
    expect(classes(logOf([a, null, a, null, null, a]))).toEqual(['applied', 'duplicate', 'duplicate']);
  });

  it('do not let a rejected record make a duplicate', () => {
    expect(classes(logOf([{ machine: 'a', at: 1, load: 5000 }, tick('a', 1)]))).toEqual(['OUT_OF_RANGE', 'applied']);
  });

  it('do not read below the origin, neither for answers nor for duplicates', () => {
    expect(classes(logOf([tick('a', 1), tick('a', 1), tick('a', 1)]), [1])).toEqual(['applied', 'duplicate']);
  });

  it('keep partitions apart', () => {
    const records = logOf([tick('a', 1)]);
    expect(classes([...records, ...records.map((record) => ({ ...record, partition: 1 }))], [0, 0])).toEqual([
      'applied',
      'applied',
    ]);
  });

  it('reject an event time beyond log time and skew, and not one at its edge', () => {
    expect(classes(logOf([tick('a', 1_060_000), tick('a', 1_060_001)]))).toEqual(['applied', 'FUTURE_EVENT_TIME']);
  });

  it('know values exactly', () => {
    const [record] = classify(
      ticks,
      logOf(['{"machine":"\\u0061","at":2e3,"speed":8.10,"noise":-0.3,"load":null}']),
      [0],
    );
    expect(record?.class === 'applied' ? Object.fromEntries(record.event.values) : null).toEqual({
      machine: 'a',
      at: 2000n,
      speed: 810n,
      noise: -2n,
      load: null,
    });
  });
});

describe('the ledger', () => {
  it('balances in every base slice, with positions that hold no record, from the origin to the end', () => {
    const log = logOf([tick('x', 0), tick('a', 1), 'broken', null, tick('a', 1), null, null, null, tick('b', 1), null]);
    const line = { stream: 'ticks', partition: 0 };
    expect(expectedLedger(ticks, classify(ticks, log, [1]), [1], [10])).toEqual([
      { ...line, slice: 0, next: 4, applied: 1, duplicate: 0, rejected: 1, control: 1 },
      { ...line, slice: 4, next: 8, applied: 0, duplicate: 1, rejected: 0, control: 3 },
      { ...line, slice: 8, next: 10, applied: 1, duplicate: 0, rejected: 0, control: 1 },
    ]);
  });
});

const logTime = 1_700_000_000_000;

/** The same by the product's decoder and classifier: classes, reasons, and values. */
function decoded(stream: Stream, values: readonly Uint8Array[]): unknown[] {
  const columns = createDecoder(stream).decode(
    memoryBatch(
      0,
      0,
      values.map((value) => ({ value, time: logTime })),
    ),
  );
  createClassifier(stream).classify(columns);
  return values.map((_, row) => {
    const kind = columns.classes[row];
    if (kind === RecordClass.rejected) {
      const rejection = columns.rejections.find((one) => one.row === row);
      return [rejection?.code, rejection?.field];
    }
    const fields = columns.fields.map((column): Value => {
      if (column.kind === 'number') return column.valid[row] === 1 ? BigInt(column.values[row] ?? 0) : null;
      const id = column.ids[row] ?? -1;
      return id < 0 ? null : column.dictionary.text(id);
    });
    return [kind === RecordClass.duplicate ? 'duplicate' : 'applied', columns.eventTimes[row], ...fields];
  });
}

function expected(records: readonly ClassifiedRecord[]): unknown[] {
  return records.map((record) =>
    record.class === 'rejected'
      ? [record.code, record.field]
      : [record.class, record.event.timeMs, ...record.event.values.values()],
  );
}

describe.each([ticks, allKinds, nested])('for the stream $name', (stream) => {
  it('the oracle and the decoder agree on class, reason and every value of hostile messages', () => {
    const message = fc.oneof(hostileMessages(stream, { logTime }), soundMessages(stream, { logTime }));
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), fc.boolean(), (some, twice) => {
        const values = twice ? [...some, ...some] : some;
        const records = values.map((value, offset) => ({ partition: 0, offset, key: null, value, logTime }));
        expect(expected(classify(stream, records, [0]))).toEqual(decoded(stream, values));
      }),
      { numRuns: 400 },
    );
  }, 60_000);
});
