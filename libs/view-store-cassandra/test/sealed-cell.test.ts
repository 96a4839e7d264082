import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openCell, sealCell } from '../src/sealed-cell.ts';

const key = fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 });
const order = fc.oneof(fc.double({ noNaN: true }), fc.constant(-Infinity), fc.maxSafeNat());

it('gives back what was sealed under its key', () => {
  fc.assert(
    fc.property(key, order, fc.uint8Array(), (of, number, content) => {
      const opened = openCell(of, sealCell(of, number, content));
      expect(opened.order).toBe(number);
      expect(Uint8Array.from(opened.content)).toEqual(content);
    }),
  );
});

it('sorts as bytes as its numbers do, so that Cassandra keeps the larger of two with one timestamp', () => {
  fc.assert(
    fc.property(order, order, fc.uint8Array(), fc.uint8Array(), (a, b, first, second) => {
      fc.pre(a !== b && !(a === 0 && b === 0));
      const compared = Buffer.compare(sealCell([], a, first), sealCell([], b, second));
      expect(Math.sign(compared)).toBe(a < b ? -1 : 1);
    }),
  );
});

it('is refused under another key and with any byte changed', () => {
  fc.assert(
    fc.property(key, order, fc.uint8Array({ minLength: 1 }), fc.nat(), (of, number, content, at) => {
      const cell = sealCell(of, number, content);
      expect(() => openCell([...of, 'another'], cell)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
      cell[at % cell.length] = (cell[at % cell.length] ?? 0) ^ 1;
      expect(() => openCell(of, cell)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
      expect(() => openCell(of, cell.subarray(0, 5))).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
    }),
  );
});
