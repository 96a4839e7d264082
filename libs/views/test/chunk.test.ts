import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccumulator, mergeChunks } from '../src/accumulator.ts';
import { firstDifference } from '../src/chunk-difference.ts';
import { ChunkError } from '../src/chunk-error.ts';
import { decodeChunk, encodeChunk } from '../src/chunk.ts';
import { compareKeys, decodeKey, encodeKey } from '../src/key.ts';
import type { PartialColumns } from '../src/partials.ts';
import { chunks, partialColumns } from '../src/testing/arbitraries.ts';
import { mixedView, plainView, sensorView } from './sample-views.ts';

const counts = plainView(['sensorId'], [['n', 'count', null]]);
const totals = plainView([], [['total', 'sum', 'whole']]);

/** Partials of `counts`: [sensor, pane, events]. */
function countsOf(...rows: [sensor: string | null, pane: number, events: number][]): PartialColumns {
  return {
    count: rows.length,
    dimensions: [{ kind: 'text', texts: rows.map(([sensor]) => sensor) }],
    panes: Float64Array.from(rows, ([, pane]) => pane),
    partitions: null,
    slices: null,
    components: [{ kind: 'count', values: Float64Array.from(rows, ([, , events]) => events) }],
  };
}

/** Partials of `totals`, one a sum, all in the pane of 1970. */
function totalsOf(...sums: bigint[]): PartialColumns {
  return {
    count: sums.length,
    dimensions: [],
    panes: new Float64Array(sums.length),
    partitions: null,
    slices: null,
    components: [
      { kind: 'count', values: new Float64Array(sums.length).fill(1) },
      {
        kind: 'sum',
        low: BigUint64Array.from(sums, (sum) => BigInt.asUintN(64, sum)),
        high: BigInt64Array.from(sums, (sum) => sum >> 64n),
      },
    ],
  };
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof ChunkError ? error.code : String(error);
  }
}

describe('a chunk', () => {
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
      { numRuns: 1_000 },
    );
    expect(refused).toBeGreaterThan(300);
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

describe('an accumulator', () => {
  it('cuts pieces that follow one another and together are the whole', () => {
    fc.assert(
      fc.property(partialColumns(mixedView, 1_000, 60), fc.integer({ min: 1, max: 2_000 }), (columns, targetBytes) => {
        const whole = createAccumulator(mixedView, { widthMs: 1_000 });
        whole.addColumns(columns);
        const pieces = whole.toPieces(targetBytes);
        expect(pieces.reduce((sum, { rows }) => sum + rows, 0)).toBe(whole.rows);
        expect(
          mergeChunks(
            mixedView,
            pieces.map(({ bytes }) => bytes),
          ).bytes,
        ).toEqual(whole.toChunk().bytes);
        const places = pieces.map(({ bytes, firstKey, firstPane }) => {
          const {
            keys,
            columns: { panes },
          } = decodeChunk(mixedView, bytes);
          expect(firstKey).toEqual(keys[0]);
          expect(firstPane).toBe(panes[0]);
          return { key: firstKey, pane: firstPane };
        });
        for (let i = 1; i < places.length; i++) {
          const [before, place] = [places[i - 1], places[i]];
          if (before === undefined || place === undefined) continue;
          const order = compareKeys(before.key, place.key);
          expect(order < 0 || (order === 0 && before.pane < place.pane)).toBe(true);
        }
      }),
    );
  });

  it('splits one key over several pieces when it has many panes', () => {
    const accumulator = createAccumulator(counts, { widthMs: 1_000 });
    accumulator.addColumns(
      countsOf(...Array.from({ length: 5_000 }, (_, i): [string, number, number] => ['a', i * 7_000, i + 1])),
    );
    const pieces = accumulator.toPieces(1_000);
    expect(pieces.length).toBeGreaterThan(10);
    for (const { bytes } of pieces) expect(bytes.length).toBeLessThan(1_100);
  });

  it('sums finer panes into its own width, and refuses coarser ones', () => {
    fc.assert(
      fc.property(partialColumns(mixedView, 1_000, 40), (columns) => {
        const fine = createAccumulator(mixedView, { widthMs: 1_000 });
        fine.addColumns(columns);
        const coarse = createAccumulator(mixedView, { widthMs: 60_000 });
        for (const { bytes } of fine.toBucketChunks()) coarse.addChunk(bytes);
        const direct = createAccumulator(mixedView, { widthMs: 60_000 });
        direct.addColumns(columns);
        expect(coarse.toBucketChunks()).toEqual(direct.toBucketChunks());
      }),
    );
    const { bytes } = encodeChunk(counts, countsOf(['a', 0, 1]), 60_000);
    expect(codeOf(() => createAccumulator(counts, { widthMs: 1_000 }).addChunk(bytes))).toBe('PANE_WIDTH_INVALID');
  });

  it('takes only the rows of the slice that is asked for', () => {
    const columns: PartialColumns = {
      ...countsOf(['a', 0, 1], ['a', 0, 2], ['b', 0, 4]),
      partitions: Int32Array.of(0, 0, 1),
      slices: Float64Array.of(0, 16384, 16384),
    };
    const accumulator = createAccumulator(counts, { widthMs: 1_000 });
    accumulator.addColumns(columns, { partition: 0, slice: 16384 });
    expect(accumulator.toChunk()).toEqual(encodeChunk(counts, countsOf(['a', 0, 2]), 1_000));
  });

  it('spreads its partials over the buckets of their keys', () => {
    fc.assert(
      fc.property(partialColumns(mixedView, 1_000, 40), (columns) => {
        const accumulator = createAccumulator(mixedView, { widthMs: 1_000 });
        accumulator.addColumns(columns);
        const buckets = accumulator.toBucketChunks();
        expect(
          mergeChunks(
            mixedView,
            buckets.map(({ bytes }) => bytes),
          ).bytes,
        ).toEqual(accumulator.toChunk().bytes);
        expect(buckets.map(({ bucket }) => bucket)).toEqual(
          [...new Set(buckets.map(({ bucket }) => bucket))].toSorted((a, b) => a - b),
        );
      }),
    );
  });
});

describe('the first difference of two chunks', () => {
  const one = encodeChunk(counts, countsOf(['a', 0, 1], ['b', 1_000, 2], ['b', 2_000, 3]), 1_000).bytes;

  it('is none when the bytes are equal, and when both have nothing', () => {
    expect(firstDifference(counts, one, one.slice())).toBe(null);
    expect(firstDifference(counts, null, encodeChunk(counts, countsOf(), 1_000).bytes)).toBe(null);
  });

  it('names key, pane and both values', () => {
    const other = encodeChunk(counts, countsOf(['a', 0, 1], ['b', 1_000, 2], ['b', 2_000, 4]), 1_000).bytes;
    const found = firstDifference(counts, one, other);
    expect(found && decodeKey(counts, found.key)).toEqual(['b']);
    expect(found).toMatchObject({ pane: 2_000, left: 'rows 3', right: 'rows 4' });
    const fewer = encodeChunk(counts, countsOf(['a', 0, 1], ['b', 2_000, 3]), 1_000).bytes;
    expect(firstDifference(counts, one, fewer)).toMatchObject({ pane: 1_000, left: 'rows 2', right: 'absent' });
    expect(firstDifference(counts, null, one)).toMatchObject({ pane: 0, left: 'absent', right: 'rows 1' });
  });
});
