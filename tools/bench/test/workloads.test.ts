import { expect, test } from 'vitest';
import { ColumnSums } from '../src/column-sums.ts';
import { table, type Measurement } from '../src/measure.ts';
import { v1 } from '../src/v1.ts';
import { v2 } from '../src/v2.ts';
import { v20 } from '../src/v20.ts';
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

test('every view of V1 has the very panes that it has when it is written by hand', async () => {
  const byWorkload = Map.groupBy(await v1(2_000), ({ workload }) => workload);
  for (const amount of [1, 10, 100]) {
    const [limit, ours] = byWorkload.get(`V1 views over one stream, ${amount}`) ?? [];
    expect(limit?.checksum).toMatch(/^[1-9]\d* matching, [1-9]\d* panes, /);
    expect(ours?.checksum.split(';')[0]).toBe(limit?.checksum);
  }
}, 60_000);

test('windows of V2 are made of the same panes, however long they are', async () => {
  const sums = (await v2(2_000)).map(({ checksum }) => checksum);
  expect(sums).toHaveLength(3);
  expect(new Set(sums).size).toBe(1);
}, 60_000);

test('the engine of V20 gives the very columns that twenty hand-written queries do', async () => {
  const [limit, ours] = (await v20(2_000)).map(({ checksum }) => checksum.split(',')[0]);
  expect(limit).toMatch(/^[0-9a-f]{16}$/);
  expect(ours).toBe(limit);
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
