import { createPartitionKeyReader } from '@twofold/schemas';
import { expect, test } from 'vitest';
import project from '../twofold.config.ts';
import { revisionSets, type Published, type RevisionSet } from '../src/index.ts';

const { sets, missing } = revisionSets(null);

function setOf(name: string): RevisionSet {
  const found = sets.find((set) => set.name === name);
  if (found === undefined) throw new RangeError(`no set ${name}`);
  return found;
}

/** The restatements replayed by hand: the highest revision of each key, a blank being what was said before. */
function rowsAfter(set: RevisionSet, vintages: number, keys: readonly string[]): Map<string, Record<string, unknown>> {
  const held = new Map<string, Record<string, unknown>>();
  for (const vintage of set.vintages.slice(0, vintages))
    for (const { value } of vintage.messages()) {
      const row = JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>;
      const key = keys.map((name) => String(row[name])).join(' ');
      if (row['op'] === 'delete') held.delete(key);
      else held.set(key, { ...held.get(key), ...row });
    }
  return held;
}

/** Numbers of the vintages whose file is here. */
function publishedIn({ vintages }: RevisionSet): number[] {
  return [...vintages.keys()].filter((number) => (vintages[number]?.published().length ?? 0) > 0);
}

function publishedOf(set: RevisionSet, vintage: number, view: string): Published {
  const found = set.vintages[vintage]?.published().find((each) => each.view === view);
  if (found === undefined) throw new RangeError(`nothing is published of ${view}`);
  return found;
}

const dayOf = (windowEnd: number): string => new Date(windowEnd - 86_400_000).toISOString().slice(0, 10);

test('the extract has all three sets with the vintages that its README names', () => {
  expect(missing).toEqual([]);
  const vintages = sets.map((set) => [set.name, set.vintages.length, publishedIn(set).length]);
  expect(vintages).toEqual([
    ['New York City', 4, 2],
    ['Italy', 5, 5],
    ['CO2', 13, 7],
  ]);
  const messages = sets.map(({ vintages }) => vintages.reduce((sum, vintage) => sum + vintage.messages().length, 0));
  expect(messages).toEqual([9_551, 838, 1_708]);
  expect(project.views.map(({ name }) => name).sort()).toEqual(['co2Month', 'italyNation', 'nycDay', 'nycWeek']);
});

test('replayed by hand, the restatements of New York City are the published counts at each vintage', () => {
  const set = setOf('New York City');
  for (const vintage of publishedIn(set)) {
    const rows = rowsAfter(set, vintage + 1, ['area', 'event_date']);
    const published = publishedOf(set, vintage, 'nycDay');
    expect(published.rows.length).toBeGreaterThan(500);
    expect(rows.size).toBe(published.rows.length);
    for (const { key, windowEnd, values } of published.rows)
      expect(rows.get(`${key['area']} ${dayOf(windowEnd)}`)).toMatchObject(values);
  }
});

test('replayed by hand, the restatements of CO2 are the published values at each vintage', () => {
  const set = setOf('CO2');
  for (const vintage of publishedIn(set)) {
    const rows = rowsAfter(set, vintage + 1, ['event_month']);
    const published = publishedOf(set, vintage, 'co2Month');
    expect(rows.size).toBe(published.rows.length);
    for (const { windowEnd, values } of published.rows) {
      const row = rows.get(dayOf(windowEnd));
      expect([row?.['average_ppm'], row?.['interpolated_ppm'], row?.['trend_ppm']]).toEqual(Object.values(values));
    }
  }
});

test('of Italy, each vintage has the national days that no later file restates, and the last has them all', () => {
  const set = setOf('Italy');
  const days = publishedIn(set).map((vintage) => publishedOf(set, vintage, 'italyNation').rows.length);
  expect(days).toEqual([18, 25, 32, 37, 37]);
  const rows = [...rowsAfter(set, 5, ['region', 'event_date']).values()];
  for (const { windowEnd, values } of publishedOf(set, 4, 'italyNation').rows) {
    const regions = rows.filter((row) => row['event_date'] === dayOf(windowEnd));
    expect(regions.reduce((sum, row) => sum + Number(row['total_cases']), 0)).toBe(values['totalCases']);
  }
});

test('every message has the key that its stream reads from it', () => {
  const readers = new Map(project.streams.map((stream) => [stream.name, createPartitionKeyReader(stream)]));
  for (const { stream, key, value } of sets.flatMap(({ vintages }) => vintages.flatMap((each) => each.messages())))
    expect(key).toEqual(readers.get(stream)?.(value));
});

test('a folder without the sets has none, and says which', () => {
  expect(revisionSets(import.meta.dirname)).toEqual({
    sets: [],
    missing: ['revisions-nyc', 'revisions-italy', 'revisions-co2'],
  });
});
