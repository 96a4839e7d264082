import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { errorBound } from '../src/error-bound.ts';
import { exampleQuery } from '../src/example-queries.ts';
import { freshnessOf } from '../src/freshness.ts';
import { keyText, keyValueOf } from '../src/value-forms.ts';
import { bySensor, T0 } from './plant.ts';

const progress = { view: 'bySensor', version: 1, partition: 0, lane: 'base', next: 10, maxEventTime: T0 } as const;
const read = (claim: number, lastLogTime: number | null, caughtUpAt: number | null, partition = 0) => {
  const base = { ...progress, partition, lastLogTime, caughtUpAt };
  return { partition, cut: 0, claim, base, decisive: base };
};

describe('freshness', () => {
  it('E23: is that of the oldest partition, and one that is idle but caught up is fresh', () => {
    const idle = read(10, T0 - 3_600_000, T0);
    expect(freshnessOf(bySensor, [idle], T0 + 100)).toMatchObject({ health: 'FRESH', asOf: T0, lagMs: 100 });
    const behind = read(10, T0 - 10_000, T0 - 20_000, 1);
    expect(freshnessOf(bySensor, [idle, behind], T0)).toMatchObject({ health: 'WARN', asOf: T0 - 10_000 });
    expect(freshnessOf(bySensor, [idle, read(10, T0 - 40_000, null, 1)], T0)).toMatchObject({ health: 'STALE' });
  });

  it('is not known where the answer ends before what was read, or nothing was', () => {
    expect(freshnessOf(bySensor, [read(7, T0, T0)], T0)).toMatchObject({ health: 'UNKNOWN', asOf: null, lagMs: null });
    expect(freshnessOf(bySensor, [{ ...read(0, null, null), decisive: null }], T0).health).toBe('UNKNOWN');
    expect(freshnessOf(bySensor, [], T0).health).toBe('UNKNOWN');
  });
});

describe('the error of a measure', () => {
  const of = { op: 'field', field: 'user', type: { kind: 'text', nullable: false } } as const;
  const about = { name: 'users', description: null, unit: null };

  it('is told where there is one', () => {
    expect(errorBound({ ...about, kind: 'distinct', of, precision: 12 })).toBe(
      'Exact up to 512, above that an estimate with a standard error of 1.6 %.',
    );
    expect(errorBound({ ...about, kind: 'quantile', of, part: 0.5, bits: 6 })).toBe(
      'Off by at most 0.78 % of itself; exact below 128 units.',
    );
    expect(errorBound({ ...about, kind: 'count', of: null })).toBeNull();
  });
});

describe('a value of a key', () => {
  const number = { kind: 'number', quantum: null, min: 0, max: 1, nullable: false } as const;
  it.each([
    [{ ...number, scale: 3 }, -12_340, '-12.340', '-12.34'],
    [{ ...number, scale: 3 }, 5, '0.005', '0.0050'],
    [{ ...number, scale: 0 }, 42, 42, '42'],
    [{ ...number, scale: 0, quantum: 0.25 }, 3, 0.75, 0.75],
    [
      { kind: 'instant', unit: 'us', min: 0, max: 1, nullable: false } as const,
      1_000_001,
      '1970-01-01T00:00:01.000001Z',
      '1970-01-01T00:00:01.000001Z',
    ],
    [
      { kind: 'instant', unit: 's', min: 0, max: 1, nullable: false } as const,
      61,
      '1970-01-01T00:01:01Z',
      '1970-01-01T00:01:01.000Z',
    ],
    [{ kind: 'date', min: 0, max: 1, nullable: false } as const, 31, '1970-02-01', '1970-02-01'],
  ])('of type %j has one form, and is found by every text that means it', (type, units, shown, given) => {
    expect(keyText(type, units)).toBe(shown);
    expect(keyValueOf(type, given)).toBe(units);
    expect(keyValueOf(type, shown)).toBe(units);
  });

  it('is found by no text that no value can equal', () => {
    expect(keyValueOf({ ...number, scale: 1 }, '0.25')).toBeUndefined();
    expect(keyValueOf({ ...number, scale: 0, quantum: 0.25 }, 0.3)).toBeUndefined();
    expect(keyValueOf({ ...number, scale: 0 }, '9007199254740993')).toBeUndefined();
  });
});

describe('an example query', () => {
  it('is a document whatever the description and the key say', () => {
    const odd = { ...bySensor, description: 'two\nlines }' };
    const query = exampleQuery(odd, T0, { sensor: 'a "quoted"\n<key>' });
    expect(parse(query).definitions).toHaveLength(1);
  });

  it.each([
    ['Readings of a sensor', '# Readings of a sensor.'],
    ['Readings of a sensor. ', '# Readings of a sensor.'],
    ['Which sensors are hot?', '# Which sensors are hot?'],
    [null, '# bySensor.'],
  ])('of what is described as %j begins with %j', (description, line) => {
    expect(exampleQuery({ ...bySensor, description }, T0, null).split('\n')[0]).toBe(line);
  });
});
