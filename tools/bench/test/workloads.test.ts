import { expect, test } from 'vitest';
import { ColumnSums } from '../src/column-sums.ts';
import { table, type Measurement } from '../src/measure.ts';
import { w1 } from '../src/w1.ts';
import { w6 } from '../src/w6.ts';

const ofOne = { workload: 'W', unit: 'rows', units: 1_000, wallSeconds: 1, peakMemoryMb: 1, checksum: '' };

test('the speed layer folds the very panes that the plain fold of W1 does', async () => {
  const measurements = await w1(3_000);
  const byWorkload = Map.groupBy(measurements, ({ workload }) => workload);
  expect(byWorkload.size).toBe(2);
  for (const of of byWorkload.values()) {
    expect(of).toHaveLength(2);
    expect(new Set(of.map(({ checksum }) => checksum)).size).toBe(1);
    expect(of[0]?.checksum).toMatch(/^\d+ rows, [1-9]\d* panes, /);
  }
}, 60_000);

test('the engine of W6 gives the very columns that the hand-written SQL does', async () => {
  const sums = (await w6(3_000)).map(({ checksum }) => checksum.split(',')[0]);
  expect(sums).toHaveLength(3);
  expect(new Set(sums).size).toBe(1);
}, 60_000);

test('column sums do not depend on the order of values, and differ when one of them does', () => {
  const sumsOf = (...values: number[]): string => {
    const sums = new ColumnSums();
    sums.addText(0, 's-1');
    for (const value of values) sums.add(1, value);
    return sums.toString();
  };
  expect(sumsOf(2 ** 53 - 1, 7, -5, 2 ** 40)).toBe(sumsOf(2 ** 40, -5, 7, 2 ** 53 - 1));
  expect(sumsOf(2 ** 53 - 1, 7)).not.toBe(sumsOf(2 ** 53 - 1, 8));
});

test('the table compares the CPU a unit with the limit program of the same workload', () => {
  const limit: Measurement = { ...ofOne, program: 'limit: plain', cpuSeconds: 3 };
  const ours: Measurement = { ...ofOne, program: 'ours', units: 500, cpuSeconds: 3 };
  const other: Measurement = { ...ofOne, workload: 'V', program: 'alone', cpuSeconds: 3 };
  const [, , first, second, third] = table([limit, ours, other]).split('\n');
  expect(first).toContain('| 3000.00 µs | 3.00 | 1.00 | 1 |  |');
  expect(second).toContain('| 6000.00 µs | 3.00 | 1.00 | 1 | 0.50 |');
  expect(third).toContain('| 1 |  |');
});
