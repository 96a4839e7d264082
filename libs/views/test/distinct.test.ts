import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkReader } from '../src/chunk-reader.ts';
import { ChunkWriter } from '../src/chunk-writer.ts';
import { distinctCount, distinctError } from '../src/distinct-estimate.ts';
import { DistinctSet, exactLimit } from '../src/distinct-set.ts';
import { naiveDistinct } from '../src/testing/naive-distinct.ts';
import { ValueHash } from '../src/value-hash.ts';
import { codeOf } from './sample-partials.ts';

const hash = new ValueHash();

function setOf(precision: number, values: Iterable<number>): DistinctSet {
  const set = new DistinctSet(precision);
  for (const value of values) {
    hash.ofNumber(value);
    set.add(hash.high, hash.low);
  }
  return set;
}

function range(from: number, count: number, step = 1): number[] {
  return Array.from({ length: count }, (_, i) => from + i * step);
}

function bytesOf(set: DistinctSet): Uint8Array {
  const writer = new ChunkWriter();
  set.write(writer);
  return writer.take();
}

describe('a set of values', () => {
  it('is exact up to its limit, and an estimate from the next value on', () => {
    for (const precision of [4, 8, 12]) {
      const limit = exactLimit(precision);
      for (const count of new Set([0, 1, limit - 1, limit])) {
        const set = setOf(precision, [...range(0, count), ...range(0, count)]);
        expect(set.registers).toBeNull();
        expect(distinctCount(set)).toBe(count);
      }
      expect(setOf(precision, range(0, limit + 1)).registers).not.toBeNull();
    }
  });

  it('is the one of its definition, and the same bytes in whatever parts and order it was put together', () => {
    const values = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 120 });
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 10 }), values, values, values, (precision, a, b, c) => {
        const whole = setOf(precision, [...a, ...b, ...c]);
        expect(whole.text()).toBe(naiveDistinct([...a, ...b, ...c], precision));
        const merged = setOf(precision, c);
        merged.merge(setOf(precision, b));
        merged.read(new ChunkReader(bytesOf(setOf(precision, a))));
        expect(bytesOf(merged)).toEqual(bytesOf(whole));
        const read = new DistinctSet(precision);
        read.addText(whole.text());
        expect(bytesOf(read)).toEqual(bytesOf(whole));
      }),
    );
  });

  it('takes no more room than its registers packed, and much less when it is small', () => {
    const size = (count: number): number => bytesOf(setOf(12, range(0, count))).length;
    expect(size(0)).toBe(1);
    expect(size(10)).toBeLessThanOrEqual(10 * 9 + 1);
    expect(size(512)).toBeLessThanOrEqual(512 * 8 + 2);
    expect(size(513)).toBeLessThan(1_100);
    expect(size(100_000)).toBe(3_074);
  });

  it('refuses bytes and texts that are no set', () => {
    const read = (...bytes: number[]): string =>
      codeOf(() => {
        new DistinctSet(4).read(new ChunkReader(Uint8Array.from(bytes)));
      });
    expect(read(1, 5, 0, 0, 0, 0)).toBe('none');
    expect(read(1, 5, 0, 0, 0, 64)).toBe('CHUNK_DAMAGED');
    expect(read(1, 5, 0, 0, 0, 128)).toBe('CHUNK_DAMAGED');
    expect(read(2, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0)).toBe('CHUNK_DAMAGED');
    expect(read(2, 5, 0, 0, 0, 0)).toBe('CHUNK_DAMAGED');
    expect(read(3, 1, 57)).toBe('none');
    // Who keeps registers has seen something.
    expect(read(3, 0)).toBe('CHUNK_DAMAGED');
    expect(read(3, 1, 58)).toBe('CHUNK_DAMAGED');
    expect(read(3, 1, 64 + 64)).toBe('CHUNK_DAMAGED');
    expect(read(3, 7, 1, 1, 1, 1, 1, 1, 1)).toBe('CHUNK_DAMAGED');
    expect(read(4, ...new Array<number>(12).fill(0))).toBe('CHUNK_DAMAGED');
    expect(read(5)).toBe('CHUNK_DAMAGED');
    for (const text of ['', 'x', 'e0', 'r', 'r0', 'r1024', `r${63}`, 'e00000000000000g']) {
      expect(codeOf(() => new DistinctSet(4).addText(text))).toBe('COLUMNS_INVALID');
    }
  });
});

/** Sets of this many different values, drawn as people name them: numbers in rows, far apart, negative, and squares. */
const families: readonly (readonly [string, (trial: number, count: number) => number[]])[] = [
  ['numbers in a row', (trial, count) => range(trial * 10_000_000, count)],
  ['numbers below zero', (trial, count) => range(-trial * 10_000_000 - count, count)],
  ['numbers far apart', (trial, count) => range(trial, count, 1_000_003)],
  ['squares', (trial, count) => range(trial * 1_000, count).map((value) => value * value)],
  ['the ends of the range', (trial, count) => range(2 ** 53 - count - trial * 200_000, count)],
];

describe('an estimate', { timeout: 120_000 }, () => {
  it.each(families)('keeps the stated standard error: %s', (_, values) => {
    for (const precision of [8, 12] as const) {
      const errors = [1, 3, 30].flatMap((times) => {
        const count = exactLimit(precision) * times + 1;
        return range(0, 12).map((trial) => distinctCount(setOf(precision, values(trial + 1, count))) / count - 1);
      });
      const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
      const bias = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      expect(rms).toBeLessThan(distinctError(precision) * 1.3);
      expect(rms).toBeGreaterThan(distinctError(precision) * 0.4);
      expect(Math.abs(bias)).toBeLessThan(distinctError(precision) * 0.6);
      expect(Math.max(...errors.map(Math.abs))).toBeLessThan(distinctError(precision) * 4);
    }
  });

  it('does not depend on how often each value comes: a long tail counts as its values', () => {
    const often = range(0, 2_000).flatMap((value) =>
      new Array<number>(1 + Math.floor(2_000 / (value + 1))).fill(value),
    );
    expect(distinctCount(setOf(10, often))).toBe(distinctCount(setOf(10, range(0, 2_000))));
  });

  it('is a number for every state of the registers', () => {
    const full = new DistinctSet(4);
    full.addText(
      `r${range(0, 16)
        .map((index) => index * 64 + 57)
        .join(',')}`,
    );
    expect(distinctCount(full)).toBe(2 ** 53);
    const one = new DistinctSet(4);
    one.addText('r1');
    expect(distinctCount(one)).toBe(1);
  });
});
