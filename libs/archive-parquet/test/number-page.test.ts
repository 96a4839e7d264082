import fc from 'fast-check';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { describe, expect, it } from 'vitest';
import { bitsFor, packBits, packedBytes, packFlags } from '../src/bit-packing.ts';
import { ByteSink } from '../src/byte-sink.ts';
import { maxDeltaRange, rangeOf, writeDeltaIntegers, writePlainIntegers } from '../src/number-page.ts';

const edges = fc.constantFrom(
  0,
  1,
  -1,
  2 ** 53,
  -(2 ** 53),
  2 ** 53 - 1,
  1 - 2 ** 53,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  -(2 ** 32),
  2 ** 32 - 1,
);
const exact = fc.oneof(edges, fc.maxSafeInteger());

/** A start anywhere in the exact range, and values no further from it than a delta page allows. */
const narrow = fc
  .record({
    start: exact,
    spread: fc.integer({ min: 0, max: maxDeltaRange }),
    count: fc.integer({ min: 1, max: 400 }),
    seed: fc.nat(),
  })
  .map(({ start, spread, count, seed }) => {
    const low = Math.max(-(2 ** 53), Math.min(start, 2 ** 53 - spread));
    let state = seed;
    return Float64Array.from({ length: count }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return low + Math.floor((state / 2 ** 32) * (spread + 1));
    });
  });

function unpackedNaively(bytes: Uint8Array, count: number, width: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    let value = 0;
    for (let bit = 0; bit < width; bit++) {
      const at = i * width + bit;
      if (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) value += 2 ** bit;
    }
    return value;
  });
}

describe('pages of numbers', () => {
  it('pack bits so that a bit-by-bit reader finds every value, and pad with zeros', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 31 }),
        fc.array(fc.nat(2 ** 31 - 1), { minLength: 1, maxLength: 70 }),
        fc.nat(3),
        (width, raw, at) => {
          const values = raw.map((value) => value % 2 ** width);
          const bytes = new Uint8Array(400).fill(0xff);
          const end = packBits(Int32Array.from(values), 0, values.length, width, bytes, at);
          const padded = Math.ceil(values.length / 8) * 8;
          const expected = [...values, ...Array.from({ length: padded - values.length }, () => 0)];
          expect(unpackedNaively(bytes.subarray(at), padded, width)).toEqual(expected);
          expect([end, bytes[end]]).toEqual([at + packedBytes(values.length, width), 0xff]);
          expect(packedBytes(values.length, width)).toBe((padded / 8) * width);
        },
      ),
    );
    expect([bitsFor(0), bitsFor(1), bitsFor(2), bitsFor(255), bitsFor(256), bitsFor(2 ** 31 - 1)]).toEqual([
      1, 1, 2, 8, 9, 31,
    ]);
  });

  it('pack flags as bits of one are packed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1), { minLength: 1, maxLength: 70 }), fc.nat(3), (flags, at) => {
        const [one, other] = [new Uint8Array(20).fill(0xff), new Uint8Array(20).fill(0xff)];
        const end = packFlags(Uint8Array.from(flags), flags.length, one, at);
        expect(end).toBe(packBits(Int32Array.from(flags), 0, flags.length, 1, other, at));
        expect(one).toEqual(other);
      }),
    );
  });

  it('hold every exact integer as 64 bits', () => {
    fc.assert(
      fc.property(fc.array(exact, { minLength: 1 }), (numbers) => {
        const sink = new ByteSink(8);
        sink.byte(1);
        writePlainIntegers(sink, Float64Array.from(numbers), numbers.length);
        const read = new BigInt64Array(sink.view().slice(1).buffer);
        expect([...read]).toEqual(numbers.map(BigInt));
      }),
    );
  });

  it('hold deltas that another decoder adds up to the same integers', () => {
    fc.assert(
      fc.property(narrow, (values) => {
        const sink = new ByteSink(8);
        writeDeltaIntegers(sink, values, values.length);
        const output = new BigInt64Array(values.length);
        // Decoders may look a word past the last miniblock.
        const bytes = new Uint8Array(sink.length + 8);
        bytes.set(sink.view());
        deltaBinaryUnpack({ view: new DataView(bytes.buffer), offset: 0 }, values.length, output);
        expect([...output]).toEqual([...values].map(BigInt));
      }),
      { numRuns: 500 },
    );
  });

  it('know their range', () => {
    fc.assert(
      fc.property(fc.array(exact, { minLength: 1 }), (numbers) => {
        const { min, max } = rangeOf(Float64Array.from(numbers), numbers.length);
        expect([min, max]).toEqual([Math.min(...numbers), Math.max(...numbers)]);
      }),
    );
  });
});
