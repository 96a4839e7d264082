import { answerRows, BatchReader, ByteCache, type LayerSelection } from '@twofold/serving-api';
import type { View } from '@twofold/views';
import { dimensionsOf } from './compare-with-oracle.ts';
import type { Platform } from './platform.ts';

/** What a publisher has in a file, as an answer's rows: see `src/vintage.ts` of the example. */
export interface Published {
  readonly view: string;
  readonly rounded: boolean;
  readonly whole: boolean;
  readonly rows: readonly {
    readonly key: Readonly<Record<string, string>>;
    readonly windowEnd: number;
    readonly values: Readonly<Record<string, number>>;
  }[];
}

/** Measures by place: the key and the window's end. */
export type Answer = ReadonlyMap<string, Readonly<Record<string, number>>>;

export interface Pin {
  readonly layer: LayerSelection;
  readonly release: string | null;
}

/** Answers of all times. */
const FROM = Date.UTC(1900, 0, 1);
const TO = Date.UTC(2200, 0, 1);

export async function wholeAnswer(view: View, pin: Pin, { store, clock }: Pick<Platform, 'store' | 'clock'>) {
  const cache = new ByteCache(64 << 20);
  const request = { view, ...pin, keys: null, from: FROM, to: TO, grainMs: null, positions: null, maxPanes: Infinity };
  const { windows } = await answerRows(request, { store, clock, cache, batch: new BatchReader(store, cache) });
  const answer = new Map<string, Readonly<Record<string, number>>>();
  for (let row = 0; row < windows.rows; row++) {
    const key = dimensionsOf(view, windows.keys[windows.keyOfRow[row] ?? 0] ?? new Uint8Array(0));
    const values = Object.entries(windows.measures).map(
      ([name, column]) => [name, Number(column[row] ?? NaN)] as const,
    );
    answer.set(placeOf(key, windows.windowEnds[row] ?? 0), Object.fromEntries(values));
  }
  return answer satisfies Answer;
}

/** How many cells were published, and the first that is answered otherwise. */
export function comparePublished(published: Published, answer: Answer) {
  let cells = 0;
  for (const { key, windowEnd, values } of published.rows) {
    const place = placeOf(key, windowEnd);
    const row = answer.get(place);
    if (row === undefined) return { cells, difference: `${place} is not there` };
    for (const [name, expected] of Object.entries(values)) {
      const value = row[name] ?? NaN;
      if ((published.rounded ? Math.round(value) : value) !== expected)
        return { cells, difference: `${place}: ${name} is ${value}, and was published as ${expected}` };
      cells++;
    }
  }
  const more = answer.size - published.rows.length;
  return { cells, difference: published.whole && more !== 0 ? `${more} rows were not published` : null };
}

/** Places that only one of two answers has, or that they answer otherwise. */
export function placesApart(one: Answer, other: Answer): string[] {
  const text = (answer: Answer, place: string): string => JSON.stringify(answer.get(place) ?? null);
  return [...new Set([...one.keys(), ...other.keys()])].filter((place) => text(one, place) !== text(other, place));
}

function placeOf(key: Readonly<Record<string, unknown>>, windowEnd: number): string {
  const names = Object.keys(key).sort();
  return `${names.map((name) => `${name} ${String(key[name])} `).join('')}${new Date(windowEnd).toISOString()}`;
}
