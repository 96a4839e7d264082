import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator } from '../src/accumulator.ts';
import { decodeChunk, encodeChunk } from '../src/chunk.ts';
import { compareKeys, encodeKey } from '../src/key.ts';
import { chunks } from '../src/testing/arbitraries.ts';
import { codeOf, counts, countsOf, totals, totalsOf } from './sample-partials.ts';
import { mixedView, sensorView } from './sample-views.ts';

describe('a chunk', { timeout: 30_000 }, () => {
  it('has the layout that is written down', () => {
    const columns = countsOf(['b', 3_000, 300], ['ab', 2_000, 5], ['aa', -1_000, 1], ['ab', 9_000, 2]);
    const hex = Buffer.from(encodeChunk(counts, columns, 1_000).bytes).toString('hex');
    const b = '00' + '03' + '010162' + '01' + '03' + '00' + 'ac02';
    const aa = '01' + '03' + '026161' + '01' + '02' + '07' + '01';
    const ab = '03' + '01' + '62' + '02' + '04' + '01' + '05' + '06' + '02';
    expect(hex).toBe('01' + 'e807' + '03' + '04' + '06' + b + aa + ab);
  });

  it('holds every number of 128 bits, and every one has one form', () => {
    const sums = [
      0n,
      1n,
      -1n,
      2n ** 52n,
      -(2n ** 53n),
      2n ** 64n - 1n,
      -(2n ** 64n),
      2n ** 104n,
      2n ** 127n - 1n,
      -(2n ** 127n),
    ];
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...sums), fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n })),
        (sum) => {
          const { bytes } = encodeChunk(totals, totalsOf(sum), 1_000);
          const column = decodeChunk(totals, bytes).columns.components[1];
          expect(column).toEqual(totalsOf(sum).components[1]);
          let zigzag = sum < 0n ? -2n * sum - 1n : 2n * sum;
          const varint = [];
          for (; zigzag > 127n; zigzag >>= 7n) varint.push(Number(zigzag & 127n) | 128);
          expect([...bytes].slice(-varint.length - 1)).toEqual([...varint, Number(zigzag)]);
        },
      ),
    );
  });

  it('never wraps: a sum beyond 128 bits is an error', () => {
    const most = 2n ** 127n - 1n;
    expect(codeOf(() => encodeChunk(totals, totalsOf(most, 1n), 1_000))).toBe('SUM_OVERFLOW');
    expect(codeOf(() => encodeChunk(totals, totalsOf(-most, -2n), 1_000))).toBe('SUM_OVERFLOW');
    expect(codeOf(() => encodeChunk(totals, totalsOf(most, 1n, -1n), 1_000))).toBe('none');
  });

  it('sums rows of the same key and pane, exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 120n), max: 2n ** 120n }), { minLength: 1 }), (sums) => {
        const { columns } = decodeChunk(totals, encodeChunk(totals, totalsOf(...sums), 1_000).bytes);
        expect(columns.count).toBe(1);
        const total = sums.reduce((a, b) => a + b);
        expect(columns.components[1]).toEqual(totalsOf(total).components[1]);
      }),
    );
  });

  it('has keys by bytes, and panes rising', () => {
    fc.assert(
      fc.property(chunks(mixedView, 1_000, 60), (bytes) => {
        const { keys, keyOfRow, columns } = decodeChunk(mixedView, bytes);
        expect(keys.toSorted(compareKeys)).toEqual(keys);
        for (let row = 1; row < columns.count; row++) {
          const [before, key] = [keyOfRow[row - 1] ?? 0, keyOfRow[row] ?? 0];
          expect(key === before ? (columns.panes[row] ?? 0) > (columns.panes[row - 1] ?? 0) : key === before + 1).toBe(
            true,
          );
        }
      }),
    );
  });

  it('is read one key at a time as it is read whole', () => {
    const some = fc.array(fc.tuple(fc.string({ maxLength: 2, unit: fc.constantFrom('a', 'b') }), fc.nat(9)), {
      maxLength: 120,
    });
    const many = fc
      .integer({ min: 0, max: 70 })
      .map((n) => Array.from({ length: n }, (_, i): [string, number] => [`s${i}`, i % 7]));
    fc.assert(
      fc.property(
        fc.oneof(some, many),
        fc.integer({ min: 0, max: 9_000 }),
        fc.integer({ min: 0, max: 9_000 }),
        (rows, paneFrom, paneBelow) => {
          const columns = countsOf(
            ...rows.map(([sensor, pane]): [string, number, number] => [sensor, pane * 1_000, 1]),
          );
          const { bytes } = encodeChunk(counts, columns, 1_000);
          for (const sensor of new Set([...rows.map(([name]) => name), '', 'a', 's5', 'zzz'])) {
            const key = encodeKey(counts, [sensor]);
            const found = createAccumulator(counts, { widthMs: 1_000 });
            found.addChunk(bytes, { key, paneFrom, paneBelow });
            const expected = createAccumulator(counts, { widthMs: 1_000 });
            const kept = rows.filter(
              ([name, pane]) => name === sensor && pane * 1_000 >= paneFrom && pane * 1_000 < paneBelow,
            );
            expected.addColumns(
              countsOf(...kept.map(([name, pane]): [string, number, number] => [name, pane * 1_000, 1])),
            );
            expect(found.toChunk()).toEqual(expected.toChunk());
          }
        },
      ),
    );
  });

  it('that is damaged is refused, or is a chunk in its own right: nothing else ever happens', () => {
    const damaged = chunks(mixedView, 1_000, 30).chain((bytes) =>
      fc.tuple(
        fc.constant(bytes),
        fc.array(fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length)),
      ),
    );
    let refused = 0;
    fc.assert(
      fc.property(damaged, ([bytes, changes, length]) => {
        const copy = bytes.slice();
        for (const [at, value] of changes) copy[at] = value;
        const cut = copy.subarray(0, length);
        const code = codeOf(() => {
          const { columns, widthMs } = decodeChunk(mixedView, cut);
          expect(encodeChunk(mixedView, columns, widthMs).bytes).toEqual(cut);
        });
        if (code !== 'none') refused++;
        expect(['none', 'CHUNK_DAMAGED', 'CHUNK_FORMAT_UNKNOWN', 'KEY_INVALID']).toContain(code);
        for (const paneFrom of [0, 1_700_000_000_000]) {
          const found = codeOf(() => createAccumulator(mixedView, { widthMs: 60_000 }).addChunk(cut, { paneFrom }));
          expect(['none', 'CHUNK_DAMAGED', 'CHUNK_FORMAT_UNKNOWN', 'PANE_WIDTH_INVALID']).toContain(found);
          const key = encodeKey(mixedView, ['a', null, 1]);
          const sought = codeOf(() =>
            createAccumulator(mixedView, { widthMs: 60_000 }).addChunk(cut, { key, paneFrom }),
          );
          expect(['none', 'CHUNK_DAMAGED', 'CHUNK_FORMAT_UNKNOWN', 'PANE_WIDTH_INVALID']).toContain(sought);
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(150);
  });

  it('is refused where it says the same in other bytes than an encoder would', () => {
    const hex = Buffer.from(encodeChunk(counts, countsOf(['aa', 1_000, 1], ['ab', 2_000, 1]), 1_000).bytes).toString(
      'hex',
    );
    const same = (from: string, to: string): string => {
      expect(hex).toContain(from);
      return codeOf(() => decodeChunk(counts, new Uint8Array(Buffer.from(hex.replace(from, to), 'hex'))));
    };
    expect(hex).toBe('01e807' + '020202' + '0004010261610102' + '0001' + '030162' + '0102' + '0201');
    expect(same('030162', '02026162')).toBe('CHUNK_DAMAGED');
    expect(same('02020200040102616101020001', '02020400040102616101020101')).toBe('CHUNK_DAMAGED');
    expect(same('0201', '028100')).toBe('CHUNK_DAMAGED');
    expect(same('030162', '030160')).toBe('CHUNK_DAMAGED');
  });

  it('of another format is refused with its number', () => {
    const { bytes } = encodeChunk(counts, countsOf(['a', 0, 1]), 1_000);
    bytes[0] = 2;
    expect(() => decodeChunk(counts, bytes)).toThrow(/format 2; this version reads format 1/);
  });

  it('takes no columns of another shape', () => {
    const columns = countsOf(['a', 0, 1]);
    expect(codeOf(() => encodeChunk(totals, columns, 1_000))).toBe('COLUMNS_INVALID');
    expect(codeOf(() => encodeChunk(sensorView, columns, 1_000))).toBe('COLUMNS_INVALID');
    expect(codeOf(() => encodeChunk(counts, countsOf(['a', 0, 0]), 1_000))).toBe('COLUMNS_INVALID');
  });
});
