import { emptyState, planCompaction } from '@twofold/archive';
import type { ArchiveFile, ArchiveState } from '@twofold/archive';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function stateOf(sizes: readonly (readonly number[])[]): ArchiveState {
  const files = sizes.flatMap((partitionSizes, partition) => {
    let at = 0;
    return partitionSizes.map((records): ArchiveFile => fileOf(partition, at, (at += records)));
  });
  return { ...emptyState('s'), origins: sizes.map(() => 0), files };
}

function fileOf(partition: number, from: number, to: number): ArchiveFile {
  const counts = { applied: to - from, duplicate: 0, rejected: 0, control: 0 };
  const name = `${partition}:${from}-${to}`;
  return {
    name,
    partition,
    from,
    to,
    records: to - from,
    byteLength: (to - from) * 10,
    sha256: '',
    minEventTime: 0,
    maxEventTime: 0,
    counts,
    slices: [],
  };
}

const limits = { maxRecords: 1000, maxBytes: 8000, minFiles: 4 };
const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 40 }), { minLength: 1, maxLength: 3 });

describe('the compaction plan', () => {
  it('merges only neighbours of one partition, within the limits, each file once, and at least doubles the largest', () => {
    fc.assert(
      fc.property(sizes, (partitions) => {
        const seen = new Set<string>();
        for (const group of planCompaction(stateOf(partitions), limits)) {
          expect(group.length).toBeGreaterThanOrEqual(limits.minFiles);
          const records = group.reduce((sum, file) => sum + file.records, 0);
          expect(records).toBeLessThanOrEqual(limits.maxRecords);
          expect(records * 10).toBeLessThanOrEqual(limits.maxBytes);
          expect(records).toBeGreaterThanOrEqual(2 * Math.max(...group.map((file) => file.records)));
          group.forEach((file, i) => {
            expect(seen.has(file.name)).toBe(false);
            seen.add(file.name);
            const before = group[i - 1];
            if (before !== undefined) expect([file.partition, file.from]).toEqual([before.partition, before.to]);
          });
        }
      }),
    );
  });

  it('rewrites each record a few times only, however small the files come in', () => {
    let files: ArchiveFile[] = [];
    let rewritten = 0;
    const arrivals = 2000;
    for (let i = 0; i < arrivals; i++) {
      files.push(fileOf(0, i, i + 1));
      for (const group of planCompaction(
        { ...emptyState('s'), origins: [0], files },
        { maxRecords: 1000, maxBytes: 1e9, minFiles: 8 },
      )) {
        const [first] = group;
        const last = group[group.length - 1];
        if (first === undefined || last === undefined) return expect.unreachable();
        rewritten += last.to - first.from;
        files = files.filter((file) => !group.includes(file));
        files.push(fileOf(0, first.from, last.to));
        files.sort((a, b) => a.from - b.from);
      }
    }
    expect(files.length).toBeLessThan(40);
    expect(rewritten / arrivals).toBeLessThanOrEqual(Math.log2(1000));
  });

  it('leaves alone what is large or too little', () => {
    expect(planCompaction(stateOf([[1000, 1000, 1000, 1000, 1000]]), limits)).toEqual([]);
    expect(planCompaction(stateOf([[1, 1, 1]]), limits)).toEqual([]);
    expect(planCompaction(stateOf([[700, 1, 1, 1]]), limits)).toEqual([]);
    expect(planCompaction(stateOf([[], []]), limits)).toEqual([]);
  });
});
