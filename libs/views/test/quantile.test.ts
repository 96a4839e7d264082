import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileOf } from '../src/answer-quantile.ts';
import { BinCounts } from '../src/bin-counts.ts';
import { ChunkReader } from '../src/chunk-reader.ts';
import { ChunkWriter } from '../src/chunk-writer.ts';
import type { ExprType } from '../src/expression.ts';
import { binError, binOf, bitsFor, isBin, mostBits, rangeOfBin } from '../src/log-bins.ts';
import { integers } from '../src/testing/arbitraries.ts';
import { naiveBins } from '../src/testing/naive-bins.ts';
import { codeOf } from './sample-partials.ts';

const limit = 2 ** 53;
const anyBits = fc.integer({ min: 2, max: mostBits });
const units = { kind: 'number', scale: 0, quantum: null, min: -limit, max: limit, nullable: false } as const;

function countsOf(bits: number, values: readonly number[]): BinCounts {
  const counts = new BinCounts(bits);
  for (const value of values) counts.add(binOf(value, bits));
  return counts;
}

function bytesOf(counts: BinCounts): Uint8Array {
  const writer = new ChunkWriter();
  counts.write(writer);
  return writer.take();
}

function read(counts: BinCounts, bytes: Uint8Array): BinCounts {
  counts.read(new ChunkReader(bytes));
  return counts;
}

/** Every power of two and its neighbours, of both signs. */
const edges = Array.from({ length: 54 }, (_, power) => [2 ** power - 1, 2 ** power, 2 ** power + 1])
  .flat()
  .filter((value) => value <= limit)
  .flatMap((value) => [value, -value + 0]);

describe('a bin', () => {
  it('holds integers whose middle is off by at most the stated part of each, and whole numbers alone while they are small', () => {
    const holds = (value: number, bits: number): void => {
      const bin = binOf(value, bits);
      const { lowest, span } = rangeOfBin(bin, bits);
      const size = Math.abs(value);
      expect(isBin(bin, bits)).toBe(true);
      expect(size).toBeGreaterThanOrEqual(Math.abs(lowest));
      expect(size - Math.abs(lowest)).toBeLessThanOrEqual(span);
      expect(span / 2).toBeLessThanOrEqual(binError(bits) * Math.abs(lowest));
      if (size < 2 ** (bits + 1)) expect(span).toBe(0);
    };
    for (let bits = 2; bits <= mostBits; bits++) for (const value of edges) holds(value, bits);
    fc.assert(fc.property(integers(-limit, limit), anyBits, holds), { numRuns: 2_000 });
  });

  it('comes in the order of the values, without a gap between bins that can be', () => {
    for (let bits = 2; bits <= mostBits; bits++) {
      let last = binOf(-5_001, bits);
      for (let value = -5_000; value <= 5_000; value++) {
        const bin = binOf(value, bits);
        expect(bin).toBeGreaterThanOrEqual(last);
        for (let between = last + 1; between < bin; between++) expect(isBin(between, bits)).toBe(false);
        last = bin;
      }
    }
  });

  it('is none beyond 2^53, nor a fraction', () => {
    for (let bits = 2; bits <= mostBits; bits++) {
      const last = binOf(limit, bits);
      expect([isBin(last, bits), isBin(-last, bits), isBin(0, bits)]).toEqual([true, true, true]);
      expect([isBin(last + 1, bits), isBin(-last - 1, bits), isBin(limit, bits)]).toEqual([false, false, false]);
      expect([isBin(NaN, bits), isBin(1.5, bits), isBin(Infinity, bits)]).toEqual([false, false, false]);
    }
  });

  it('is as fine as the error asked for, or finer', () => {
    expect([0.2, 0.125, 0.1, 0.01, 0.0078125, 0.001, 2 ** -10].map(bitsFor)).toEqual([2, 2, 3, 6, 6, 9, 9]);
    expect([0, -1, 0.0009, NaN].map(bitsFor)).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe('counts by bin', () => {
  it('are those of the definition, and the same bytes in whatever parts and order they were put together', () => {
    const values = fc.array(integers(-limit, limit), { maxLength: 60 });
    fc.assert(
      fc.property(anyBits, values, values, values, (bits, a, b, c) => {
        const whole = countsOf(bits, [...a, ...b, ...c]);
        expect(whole.text()).toBe(naiveBins([...a, ...b, ...c], bits));
        const merged = countsOf(bits, c);
        merged.merge(countsOf(bits, b));
        read(merged, bytesOf(countsOf(bits, a)));
        expect(bytesOf(merged)).toEqual(bytesOf(whole));
        const parsed = new BinCounts(bits);
        parsed.addText(whole.text());
        expect(bytesOf(parsed)).toEqual(bytesOf(whole));
        merged.subtract(countsOf(bits, b));
        expect(bytesOf(merged)).toEqual(bytesOf(countsOf(bits, [...a, ...c])));
        expect(merged.total).toBe(a.length + c.length);
      }),
    );
  });

  it('take two bytes a bin where values are close together', () => {
    const size = (values: readonly number[]): number => bytesOf(countsOf(6, values)).length;
    expect(size([])).toBe(1);
    expect(size([1_000])).toBe(4);
    expect(size(Array.from({ length: 10_000 }, (_, i) => 20_000 + (i % 5_000)))).toBeLessThanOrEqual(3 + 3 * 33);
  });

  it('refuse bytes and texts that are none', () => {
    const outcome = (...bytes: number[]): string => codeOf(() => read(new BinCounts(2), Uint8Array.from(bytes)));
    expect(outcome(0)).toBe('none');
    expect(outcome(2, 2, 1, 3, 7)).toBe('none');
    expect(outcome(2, 2, 1)).toBe('CHUNK_DAMAGED');
    expect(outcome(1, 2, 0)).toBe('CHUNK_DAMAGED');
    // Two bits: after 1 comes bin 5, of the value 2.
    expect(outcome(2, 2, 1, 0, 7)).toBe('CHUNK_DAMAGED');
    expect(outcome(1, 255, 255, 255, 255, 15, 1)).toBe('CHUNK_DAMAGED');
    for (const text of ['x', '1', '1:', ':1', '1:0', '1:-1', '1:1.5', '2:1', '5:1,1:1', '1:1,1:1', '1:1,'])
      expect(
        codeOf(() => new BinCounts(2).addText(text)),
        text,
      ).toBe('COLUMNS_INVALID');
  });
});

/** Numbers from 0 to 1 that are spread evenly, but in no order. */
function spread(count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 0.6180339887498949) % 1) * 0.999_999 + 0.000_000_5);
}

const distributions: readonly (readonly [string, (u: number, i: number) => number])[] = [
  ['even', (u) => u * 1_000_000],
  ['exponential: times between events', (u) => -Math.log(1 - u) * 50_000],
  ['a long tail: sizes of files', (u) => 40 / (1 - u) ** 1.5],
  ['the bell curve', (u, i) => Math.sqrt(-2 * Math.log(u)) * Math.cos(i * 2.399963) * 30_000],
  ['two hills far apart', (u, i) => (i % 10 < 7 ? 900 + u * 200 : 4e12 + u * 1e12)],
  ['almost always the same', (u, i) => (i % 100 === 0 ? u * 1e9 : 42)],
  ['below zero', (u) => -(2 ** (u * 50))],
  ['small whole numbers', (u) => u * 9],
  ['up to the end of the range', (u) => limit * (1 - u * u * u)],
];

describe('a quantile', () => {
  it.each(distributions)('is within the stated error of the value of its rank: %s', (_, draw) => {
    for (const count of [1, 2, 10, 999, 5_000]) {
      const values = spread(count).map((u, i) => Math.round(draw(u, i)) + 0);
      const sorted = values.toSorted((a, b) => a - b);
      for (let bits = 2; bits <= mostBits; bits++) {
        const counts = countsOf(bits, values);
        for (const part of [0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1]) {
          const exact = sorted[Math.max(1, Math.ceil(Number((part * count).toFixed(6)))) - 1] ?? NaN;
          const found = quantileOf(units, part, counts) ?? NaN;
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(binError(bits) * Math.abs(exact));
        }
      }
    }
  });

  it('has the rank of the decimal spelling of its part', () => {
    const counts = countsOf(
      9,
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    for (let hundredth = 0; hundredth <= 100; hundredth++)
      expect(quantileOf(units, hundredth / 100, counts)).toBe(Math.max(1, hundredth));
    const many = new BinCounts(9);
    many.addText(`0:${2 ** 52},1:${2 ** 52}`);
    expect([0.5, 0.500000001].map((part) => quantileOf(units, part, many))).toEqual([0, 1]);
  });

  it('is the nearest double to the middle of its bin, in the measure of the field', () => {
    const of = (value: number, bits: number, type: ExprType): number | null =>
      quantileOf(type, 0.5, countsOf(bits, [value]));
    expect(of(12_345, 2, { ...units, scale: 3 })).toBe((12_288 + 14_335) / 2 / 1_000);
    expect(of(-12_345, 2, { ...units, quantum: 0.25 })).toBe((-(12_288 + 14_335) / 2) * 0.25);
    expect(of(limit, 9, units)).toBe(limit + 2 ** 43 - 0.5);
    expect(of(-limit, 2, { ...units, scale: 15 })).toBe(Number('-10133099161583615.5e-15'));
    expect(Object.is(of(0, 2, units), 0)).toBe(true);
    expect(quantileOf(units, 0.5, new BinCounts(6))).toBeNull();
  });
});
