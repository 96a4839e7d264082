import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTable } from '../src/key-table.ts';
import { bucketOf, compareKeys, decodeKey, encodeKey, type KeyValue } from '../src/key.ts';
import { integers, texts } from '../src/testing/arbitraries.ts';
import { codeOf } from './sample-partials.ts';
import { plainView } from './sample-views.ts';

const view = plainView(['sensorId', 'whole', 'alarm'], [['n', 'count', null]]);
const keys: fc.Arbitrary<KeyValue[]> = fc.tuple(
  fc.option(texts),
  fc.option(integers(-(2 ** 53), 2 ** 53)),
  fc.option(fc.boolean()),
);
describe('keys', () => {
  it('survive encoding', () => {
    fc.assert(
      fc.property(keys, (values) => {
        expect(decodeKey(view, encodeKey(view, values))).toEqual(values);
      }),
    );
  });

  it('have one encoding each: presence, zigzag varint, length and UTF-8', () => {
    const hex = (values: KeyValue[]): string => Buffer.from(encodeKey(view, values)).toString('hex');
    expect(hex(['é', -1, true])).toBe('0102c3a9' + '0101' + '0102');
    expect(hex([null, null, null])).toBe('000000');
    expect(hex(['', 2 ** 53, false])).toBe('0100' + '018080808080808020' + '0100');
    expect(hex(['a', -(2 ** 53), null])).toBe('010161' + '01ffffffffffffff1f' + '00');
  });

  it('differ in bytes when they differ in values, and bytes decode to no more than one key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        if (codeOf(() => decodeKey(view, bytes)) !== 'none') return;
        expect(encodeKey(view, decodeKey(view, bytes))).toEqual(bytes);
      }),
    );
  });

  it('are refused when they are none of the view', () => {
    for (const values of [
      ['a', 1],
      [1, 1, null],
      ['a', 0.5, null],
      ['\ud800', 1, null],
      ['a', 1, 2],
      ['a', 2 ** 54, null],
    ]) {
      expect(codeOf(() => encodeKey(view, values as KeyValue[]))).toBe('KEY_INVALID');
    }
    for (const hex of ['', '00', '020000', '0101ff0000', '0001800000', '00000101', '00000000', '00000104']) {
      expect(
        codeOf(() => decodeKey(view, new Uint8Array(Buffer.from(hex, 'hex')))),
        hex,
      ).toBe('KEY_INVALID');
    }
  });

  it('are ordered as memcmp orders their bytes', () => {
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        const [x, y] = [encodeKey(view, a), encodeKey(view, b)];
        expect(Math.sign(compareKeys(x, y))).toBe(Buffer.compare(x, y));
      }),
    );
  });

  it('go to buckets by their bytes alone, and for ever to the same ones', () => {
    expect(['a', 'b', 'c', 'sensor-1', null].map((id) => bucketOf(view, encodeKey(view, [id, 1, null])))).toEqual([
      11, 11, 6, 9, 4,
    ]);
  });

  it('spread evenly over the buckets', () => {
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) {
      const bucket = bucketOf(view, encodeKey(view, [`sensor-${i}`, null, null]));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});

describe('a key table', () => {
  it('gives each key one id, and orders by bucket and bytes whatever the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 60 }), fc.nat(60), (list, middle) => {
        const table = new KeyTable(view.buckets);
        list.forEach((key, i) => {
          expect(table.bytes(table.intern(key, 0, key.length))).toEqual(key);
          if (i === middle) table.sortedByBucket();
        });
        const distinct = [...new Map(list.map((key) => [String(key), key])).values()];
        expect(table.size).toBe(distinct.length);
        const byBytes = distinct.toSorted(compareKeys);
        expect(Array.from(table.sortedByBytes(), (id) => table.bytes(id))).toEqual(byBytes);
        const byBucket = byBytes.toSorted((a, b) => bucketOf(view, a) - bucketOf(view, b));
        expect(Array.from(table.sortedByBucket(), (id) => table.bytes(id))).toEqual(byBucket);
      }),
    );
  });
});
