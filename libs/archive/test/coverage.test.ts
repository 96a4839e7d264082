import { applyChange, emptyState, findCoverageFault } from '@twofold/archive';
import type { ArchiveFile } from '@twofold/archive';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const file = (partition: number, from: number, to: number): ArchiveFile => ({
  name: `f${partition}-${from}-${to}`,
  partition,
  from,
  to,
  records: to - from,
  byteLength: 1,
  sha256: '',
  minEventTime: null,
  maxEventTime: null,
  counts: { applied: to - from, duplicate: 0, rejected: 0, control: 0 },
  slices: [],
});

/** Some partitions, each an origin and lengths of the files that follow it. */
const layout = fc.array(
  fc.record({ origin: fc.nat(1000), lengths: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 8 }) }),
  {
    minLength: 1,
    maxLength: 4,
  },
);

function filesOf(partitions: readonly { origin: number; lengths: number[] }[]): ArchiveFile[] {
  return partitions.flatMap(({ origin, lengths }, partition) => {
    let at = origin;
    return lengths.map((length) => file(partition, at, (at += length)));
  });
}

describe('coverage', () => {
  it('holds for files that follow one another from each origin, in whatever order they are committed together', () => {
    fc.assert(
      fc.property(layout, fc.gen(), (partitions, gen) => {
        const files = filesOf(partitions);
        const shuffled = gen(() => fc.shuffledSubarray(files, { minLength: files.length }));
        const origins = partitions.map(({ origin }) => origin);
        expect(applyChange(emptyState('s'), { add: shuffled, origins }).files).toEqual(files);
      }),
    );
  });

  it('E13: names exactly the range that is missing when one file is left out', () => {
    fc.assert(
      fc.property(layout, fc.nat(), (partitions, which) => {
        const files = filesOf(partitions);
        const lost = files[which % Math.max(1, files.length)];
        const isLast =
          lost === undefined || !files.some((other) => other.partition === lost.partition && other.from >= lost.to);
        fc.pre(!isLast);
        const rest = files.filter((other) => other !== lost);
        const fault = findCoverageFault(
          's',
          partitions.map(({ origin }) => origin),
          rest,
        );
        expect(fault).toMatchObject({
          code: 'COVERAGE_HOLE',
          partition: lost?.partition,
          from: lost?.from,
          to: lost?.to,
        });
      }),
    );
  });

  it('refuses a file that reaches into its neighbour, and an empty one', () => {
    fc.assert(
      fc.property(layout, fc.nat(), (partitions, which) => {
        const files = filesOf(partitions);
        const wide = files[which % Math.max(1, files.length)];
        const next = files.find(
          (other) => wide !== undefined && other.partition === wide.partition && other.from === wide.to,
        );
        fc.pre(wide !== undefined && next !== undefined);
        const changed = files.map((other) =>
          other === wide ? file(other.partition, other.from, other.to + 1) : other,
        );
        const fault = findCoverageFault(
          's',
          partitions.map(({ origin }) => origin),
          changed,
        );
        expect(fault).toMatchObject({ code: 'COVERAGE_OVERLAP', from: next.from, to: next.from + 1 });
      }),
    );
    expect(findCoverageFault('s', [5], [file(0, 5, 5)])?.code).toBe('COVERAGE_OVERLAP');
  });
});
