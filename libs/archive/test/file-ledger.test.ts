import { createFileLedger, mergeTotals } from '@twofold/archive';
import type { ArchiveFile, LedgerTotals } from '@twofold/archive';
import { makeRows } from '@twofold/archive/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const asFile = (totals: LedgerTotals): ArchiveFile => ({
  ...totals,
  name: 'f',
  partition: 0,
  byteLength: 1,
  sha256: '',
});

/** The same, counted position by position. */
function counted(seed: number, from: number, length: number, controlRate: number, sliceSize: number): unknown {
  const { columns } = makeRows(seed, 0, from, length, controlRate);
  const slices = new Map<number, number[]>();
  for (let offset = from; offset < from + length; offset++) {
    const start = Math.floor(offset / sliceSize) * sliceSize;
    const slice = slices.get(start) ?? [0, 0, 0, 0];
    const row = columns.offsets.indexOf(offset);
    const cls = row < 0 ? 3 : (columns.classes[row] ?? 0);
    slice[cls] = (slice[cls] ?? 0) + 1;
    slices.set(start, slice);
  }
  return [...slices].map(([start, counts]) => [start, ...counts]);
}

const place = fc.record({
  seed: fc.nat(1e6),
  from: fc.nat(500),
  length: fc.integer({ min: 1, max: 300 }),
  controlRate: fc.constantFrom(0, 0.1, 0.9, 1),
  sliceSize: fc.constantFrom(1, 8, 64, 1024),
});

describe('the ledger of a file', () => {
  it('E10: counts every position once, in its base slice, however the rows arrive', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 7 }), ({ seed, from, length, controlRate, sliceSize }, steps) => {
        const { columns } = makeRows(seed, 0, from, length, controlRate);
        const ledger = createFileLedger(sliceSize, from);
        for (let step = 0; step < steps; step++) {
          const fromRow = Math.floor((columns.count * step) / steps);
          const toRow = Math.floor((columns.count * (step + 1)) / steps);
          const next = step === steps - 1 ? from + length : (columns.offsets[toRow - 1] ?? from - 1) + 1;
          ledger.add(columns, fromRow, toRow, next);
        }
        const totals = ledger.totals();
        expect(totals.slices).toEqual(counted(seed, from, length, controlRate, sliceSize));
        const { applied, duplicate, rejected, control } = totals.counts;
        expect([applied + duplicate + rejected + control, totals.records]).toEqual([length, length - control]);
      }),
    );
  });

  it('says the same of two neighbours merged as of both in one', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ seed, from, length, controlRate, sliceSize }, cut) => {
        fc.pre(length > 1);
        const middle = from + 1 + (cut % (length - 1));
        const { columns } = makeRows(seed, 0, from, length, controlRate);
        const row = columns.offsets.findIndex((offset) => offset >= middle);
        const split = row < 0 ? columns.count : row;
        const whole = createFileLedger(sliceSize, from);
        whole.add(columns, 0, columns.count, from + length);
        const left = createFileLedger(sliceSize, from);
        left.add(columns, 0, split, middle);
        const right = createFileLedger(sliceSize, middle);
        right.add(columns, split, columns.count, from + length);
        const merged = mergeTotals([asFile(left.totals()), asFile(right.totals())]);
        expect(merged).toEqual({ partition: 0, ...whole.totals() });
      }),
    );
  });
});
