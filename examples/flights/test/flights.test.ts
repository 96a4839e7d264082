import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { classify, oracleAnswer, type ClassifiedRecord } from '@twofold/oracle';
import {
  dataSets,
  facts,
  flightHour,
  flights,
  flightsProject,
  halfYear,
  halfYearIsThere,
  oneDay,
  originDay,
  queries,
} from '@twofold/flights';
import { beforeAll, describe, expect, it } from 'vitest';

const year = { from: Date.UTC(2001, 0, 1), to: Date.UTC(2002, 0, 1) };
let log: ClassifiedRecord[] = [];

beforeAll(() => {
  const records = [...oneDay()].map(({ key, value }, offset) => ({
    partition: 0,
    offset,
    key,
    value,
    logTime: year.to,
  }));
  log = classify(flights, records, [0]);
});

describe('the project', () => {
  it('has one stream and two views', () => {
    expect(flightsProject.id).toBe('flights');
    expect(flightsProject.streams).toEqual([flights]);
    expect(flightsProject.views).toEqual([flightHour, originDay]);
  });

  it('asks in its queries for what the views have', () => {
    for (const { name, text, variables } of queries) {
      expect(text).toMatch(new RegExp(`^query ${name}\\(`));
      for (const variable of Object.keys(variables)) expect(text).toContain(`$${variable}`);
      const view = flightsProject.views.find((one) => text.includes(`${one.name}(`));
      const known =
        view === undefined ? [] : [...view.dimensions, ...view.measures, ...view.derived].map((one) => one.name);
      const asked = (/nodes \{([^}]*)\}/.exec(text)?.[1] ?? '').trim().split(/\s+/);
      for (const field of asked) expect([...known, 'windowStart', 'windowEnd', 'complete']).toContain(field);
    }
  });

  it('replays the fullest data that are there, and always has a day', () => {
    expect(dataSets.map(({ isLarge }) => isLarge)).toEqual([true, false]);
    expect(dataSets.at(-1)?.isThere()).toBe(true);
  });
});

describe('the day of flights that comes with the example', () => {
  it('is accepted whole, none twice: flights that are equal in all but their row are flights of their own', () => {
    expect(log).toHaveLength(facts.oneDay.rows);
    expect(log.filter((record) => record.class !== 'applied')).toEqual([]);
  });

  it('is what the second witness reads from the file', () => {
    const script = fileURLToPath(new URL('../witness/one-day.js', import.meta.url));
    const witness: unknown = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }));
    const { source: _, ...known } = facts.oneDay;
    expect(witness).toEqual(known);
  });

  it('has the published busiest hour of the half year, and the facts of the day', () => {
    const rows = oracleAnswer(flightHour, log, year);
    expect(rows).toHaveLength(facts.oneDay.hoursWithRows);
    const busiest = rows.reduce((a, b) => (Number(b.values['flights']) > Number(a.values['flights']) ? b : a));
    expect([new Date(busiest.windowStart).toISOString(), Number(busiest.values['flights'])]).toEqual([
      '2001-04-27T06:00:00.000Z',
      facts.halfYear.busiestHour[1],
    ]);
    const sum = (measure: string): number => rows.reduce((total, { values }) => total + Number(values[measure]), 0);
    expect(sum('flights')).toBe(facts.oneDay.rows);
    expect(sum('delay')).toBe(facts.oneDay.sumDelay);
    expect(sum('miles')).toBe(facts.oneDay.sumDistance);
    expect(sum('late')).toBe(facts.oneDay.late);
    expect(sum('early')).toBe(facts.oneDay.early);
  });

  it('has quantiles of each airport that lie within the stated error of the exact ones', () => {
    const delays = new Map<string, number[]>();
    for (const record of log) {
      if (record.class !== 'applied') continue;
      const { values } = record.event;
      const origin = String(values.get('origin'));
      delays.set(origin, [...(delays.get(origin) ?? []), Number(values.get('delay'))]);
    }
    for (const { key, values } of oracleAnswer(originDay, log, year)) {
      const sorted = (delays.get(String(key[0])) ?? []).sort((a, b) => a - b);
      for (const [measure, part] of [
        ['usualDelay', 0.5],
        ['longDelay', 0.95],
      ] as const) {
        const exact = sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1] ?? 0;
        expect(Math.abs(Number(values[measure]) - exact)).toBeLessThanOrEqual(Math.abs(exact) / 64);
      }
    }
  });
});

const noHalfYear = !halfYearIsThere();
if (noHalfYear) console.log('SKIPPED: the half year of flights, which is not beside the repository');

describe.skipIf(noHalfYear)('the half year of flights', () => {
  it('begins and ends with the published rows, and has the published sums', async () => {
    const known = facts.halfYear;
    const found = { rows: 0, delay: 0, distance: 0, last: '' };
    const decoder = new TextDecoder();
    for await (const { value } of halfYear()) {
      const text = decoder.decode(value);
      const { delay, distance, departure } = JSON.parse(text) as { delay: number; distance: number; departure: string };
      if (found.rows === 0) expect(departure).toBe('2001-01-01T00:01:00Z');
      found.rows++;
      found.delay += delay;
      found.distance += distance;
      found.last = departure;
    }
    expect(found).toEqual({
      rows: known.rows,
      delay: known.sumDelay,
      distance: known.sumDistance,
      last: '2001-07-01T00:00:00Z',
    });
  }, 300_000);
});
