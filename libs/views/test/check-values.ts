import { expect } from 'vitest';
import { distinctCount } from '../src/distinct-estimate.ts';
import { DistinctSet } from '../src/distinct-set.ts';
import { naiveDistinct } from '../src/testing/naive-distinct.ts';
import type { MemoryEvent } from '../src/testing/memory-columns.ts';
import { isNearest, isNearestRoot, varianceOf } from './nearest.ts';

/** Every measure of `view`, from its events, in other arithmetic. */
export function checkValues(found: Record<string, unknown>, held: readonly MemoryEvent[]): void {
  const of = (field: string): bigint[] =>
    held.flatMap(({ values }) => (typeof values[field] === 'number' ? [BigInt(values[field])] : []));
  const sum = (list: bigint[]): bigint => list.reduce((a, b) => a + b, 0n);
  const pressures = of('pressure');
  expect(found['events']).toBe(held.length);
  expect(found['pressures']).toBe(pressures.length);
  expect(BigInt((found['total'] ?? 0) as number | bigint)).toBe(sum(of('whole')));
  expect(found['total'] === null).toBe(held.length === 0);
  expect(found['pressureTotal']).toBe(pressures.length === 0 ? null : decimal(sum(pressures)));
  expect(found['vibrationTotal']).toBe(held.length === 0 ? null : Number(sum(of('vibration'))) * 2 ** -20);
  checkNearest(found['pressure'], pressures.length, () =>
    isNearest(Number(found['pressure']), { num: sum(pressures), den: BigInt(pressures.length) * 1000n }),
  );
  checkNearest(found['vibration'], held.length, () =>
    isNearest(Number(found['vibration']), { num: sum(of('vibration')), den: BigInt(held.length) << 20n }),
  );
  const check = (name: string, field: string, scale: number, quantum: bigint, root: boolean): void => {
    const list = of(field);
    checkNearest(found[name], list.length - 1, () => {
      const { num, den } = varianceOf(list.map(Number), scale);
      return (root ? isNearestRoot : isNearest)(Number(found[name]), { num, den: den * quantum * quantum });
    });
  };
  check('spread', 'wide', 0, 1n, false);
  check('temperatures', 'temperature', 3, 1n, false);
  check('deviation', 'temperature', 3, 1n, true);
  check('shake', 'vibration', 0, 2n ** 20n, true);
  checkDistinct(found, held);
  for (const [name, field, unit] of [
    ['usualPressure', 'pressure', 1 / 1_000],
    ['usualShake', 'vibration', 2 ** -20],
  ] as const) {
    const list = of(field)
      .map(Number)
      .toSorted((a, b) => a - b);
    const exact = list[Math.ceil((list.length * 9) / 10) - 1];
    if (exact === undefined) expect(found[name]).toBeNull();
    else expect(Math.abs(Number(found[name]) / unit - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -7 + 1e-9);
  }
  checkExtremes(found, held);
}

/** Of a precision of 4: exact up to two values. */
function checkDistinct(found: Record<string, unknown>, held: readonly MemoryEvent[]): void {
  for (const [name, field] of [
    ['sites', 'site'],
    ['wholes', 'whole'],
  ] as const) {
    const values = held.flatMap(({ values: all }) => all[field] ?? []);
    const set = new DistinctSet(4);
    set.addText(naiveDistinct(values, 4));
    const different = new Set(values).size;
    expect(found[name]).toBe(different <= 2 ? different : distinctCount(set));
  }
}

function checkExtremes(found: Record<string, unknown>, held: readonly MemoryEvent[]): void {
  const numbers = (field: string): number[] =>
    held.flatMap(({ values }) => (typeof values[field] === 'number' ? [values[field]] : [])).toSorted((a, b) => a - b);
  const or = <T, R>(value: T | undefined, form: (value: T) => R): R | null =>
    value === undefined ? null : form(value);
  expect(found['least']).toBe(or(numbers('whole')[0], (value) => value));
  expect(found['most']).toBe(or(numbers('whole').at(-1), (value) => value));
  expect(found['lowest']).toBe(or(numbers('pressure')[0], (value) => decimal(BigInt(value))));
  expect(found['highest']).toBe(or(numbers('vibration').at(-1), (value) => value / 2 ** 20));
  expect(found['alarm']).toBe(or(numbers('alarm').at(-1), (value) => value === 1));
  const day = (value: number): string => new Date(value * 86_400_000).toISOString().split('T')[0] ?? '';
  expect(found['day']).toBe(or(numbers('day').at(-1), day));
  expect(found['latest']).toBe(or(numbers('at').at(-1), (value) => new Date(value).toISOString()));
  const sites = held.flatMap(({ values }) => (typeof values['site'] === 'string' ? [values['site']] : []));
  sites.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(found['first']).toBe(sites[0] ?? null);
  expect(found['last']).toBe(sites.at(-1) ?? null);
}

function checkNearest(value: unknown, count: number, isRight: () => boolean): void {
  if (count < 1) expect(value).toBe(null);
  else expect(isRight()).toBe(true);
}

function decimal(units: bigint): string {
  const size = units < 0n ? -units : units;
  return `${units < 0n ? '-' : ''}${size / 1000n}.${String(size % 1000n).padStart(3, '0')}`;
}
