import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueHash } from '../src/value-hash.ts';
import { integers, texts } from '../src/testing/arbitraries.ts';

function reference(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex').slice(0, 15);
}

function hexOf({ high, low }: ValueHash): string {
  return ((BigInt(high) << 30n) | BigInt(low)).toString(16).padStart(15, '0');
}

describe('the hash of a value', () => {
  const hash = new ValueHash();

  it('is the first 60 bits of the md5 of its text, of every length around the edges of blocks', () => {
    for (let length = 0; length <= 200; length++) {
      const text = Array.from({ length }, (_, i) => String.fromCharCode(33 + ((i * 7 + length) % 90))).join('');
      const bytes = Buffer.from(`--${text}--`);
      hash.ofBytes(bytes, 2, 2 + length);
      expect(hexOf(hash)).toBe(reference(text));
    }
  });

  it('is that of any text', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: 'binary', maxLength: 90 })), (text) => {
        const bytes = new TextEncoder().encode(text);
        hash.ofBytes(bytes, 0, bytes.length);
        expect(hexOf(hash)).toBe(reference(text));
      }),
    );
  });

  it('is that of an integer by its digits, up to 2^53 in size', () => {
    fc.assert(
      fc.property(integers(-(2 ** 53), 2 ** 53), (value) => {
        hash.ofNumber(value);
        expect(hexOf(hash)).toBe(reference(BigInt(value).toString()));
      }),
    );
  });
});
