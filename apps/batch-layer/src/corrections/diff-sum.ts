import type { BucketDiff, ChangeCause, ChangedRow, DiffValue, MeasureDiff, ViewDiff } from '@twofold/corrections';
import type { View } from '@twofold/views';
import { keyValues, type Bucket, type OnChange, type PaneRow, type Rows, type Values } from './pane-rows.ts';

/** Rows that a diff shows. */
const MOVERS = 20;
/** Buckets that a diff tells one by one; those beyond are in its counts only. */
const BUCKETS = 1_000;

/** What is counted of a view, and of each of its buckets. */
class Tally {
  compared = 0;
  changed = 0;
  added = 0;
  removed = 0;
  /** 1: has a row before; 2: after; 3: both. */
  readonly #keys = new Map<string, number>();
  readonly #measures = new Map<string, { rows: number; absolute: number | null; relative: number | null }>();

  note(key: string, before: boolean, after: boolean): void {
    this.compared++;
    this.#keys.set(key, (this.#keys.get(key) ?? 0) | (before ? 1 : 0) | (after ? 2 : 0));
  }

  count(before: Values | null, after: Values | null, measures: readonly MeasureChange[]): void {
    if (before === null) this.added++;
    else if (after === null) this.removed++;
    else this.changed++;
    for (const { name, by } of measures) {
      const of = this.#measures.get(name) ?? { rows: 0, absolute: null, relative: null };
      of.rows++;
      if (by !== null) {
        of.absolute = Math.max(of.absolute ?? 0, by.absolute);
        of.relative = Math.max(of.relative ?? 0, by.relative);
      }
      this.#measures.set(name, of);
    }
  }

  keysWith(seen: 1 | 2): number {
    return [...this.#keys.values()].filter((each) => each === seen).length;
  }

  measures(): MeasureDiff[] {
    return [...this.#measures].map(([measure, { rows, absolute, relative }]) => ({
      measure,
      rowsChanged: rows,
      largestAbsolute: absolute,
      largestRelative: relative,
    }));
  }
}

interface MeasureChange {
  readonly name: string;
  /** Null: one of the two is no number. */
  readonly by: { readonly absolute: number; readonly relative: number } | null;
}

/** Adds up what two builds of a view have otherwise, bucket by bucket. */
export class DiffSum {
  readonly #view: View;
  readonly #cause: ChangeCause;
  readonly #incomparable: string | null;
  readonly #onChange: OnChange;
  /** Of parts that differ. */
  readonly #all = new Tally();
  readonly #buckets: BucketDiff[] = [];
  #movers: ChangedRow[] = [];

  constructor(view: View, cause: ChangeCause, incomparable: string | null, onChange: OnChange) {
    this.#view = view;
    this.#cause = cause;
    this.#incomparable = incomparable;
    this.#onChange = onChange;
  }

  add(before: Rows, after: Rows, bucket: Bucket): void {
    const tally = new Tally();
    let largest: ChangedRow | null = null;
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(id), after.get(id)];
      const some = old ?? now;
      if (some === undefined) continue;
      const key = id.slice(0, id.lastIndexOf(' '));
      for (const each of [this.#all, tally]) each.note(key, old !== undefined, now !== undefined);
      if (old !== undefined && now !== undefined && sameValues(old.values, now.values)) continue;
      const row = this.#changedRow(some, old?.values ?? null, now?.values ?? null, tally);
      this.#onChange(row, bucket);
      this.#move(row);
      if (row.change > (largest?.change ?? -1)) largest = row;
    }
    if (largest === null || this.#buckets.length === BUCKETS) return;
    this.#buckets.push({
      ...bucket,
      rows: tally.added + tally.removed + tally.changed,
      ...{ rowsAdded: tally.added, rowsRemoved: tally.removed },
      ...{ keysAdded: tally.keysWith(2), keysRemoved: tally.keysWith(1) },
      ...{ measures: tally.measures(), largest },
    });
  }

  result(): ViewDiff {
    const all = this.#all;
    return {
      view: this.#view.name,
      version: this.#view.version,
      cause: this.#cause,
      incomparable: this.#incomparable,
      paneMs: this.#view.levels[0]?.widthMs ?? 1,
      ...{ rowsCompared: all.compared, rowsChanged: all.changed, rowsAdded: all.added, rowsRemoved: all.removed },
      ...{ keysAdded: all.keysWith(2), keysRemoved: all.keysWith(1), measures: all.measures() },
      ...{ buckets: this.#buckets, movers: this.#movers },
    };
  }

  #changedRow(some: PaneRow, before: Values | null, after: Values | null, tally: Tally): ChangedRow {
    const measures = changesOf(before, after);
    for (const each of [this.#all, tally]) each.count(before, after, measures);
    // A row that comes or goes changes by the whole.
    const whole = before === null || after === null ? 1 : 0;
    const change = Math.max(whole, ...measures.map(({ by }) => by?.relative ?? 0));
    const { windowStart, windowEnd } = some;
    return { windowStart, windowEnd, before, after, change, key: keyValues(this.#view, some.key) };
  }

  #move(row: ChangedRow): void {
    const smallest = this.#movers.at(-1)?.change ?? -1;
    if (this.#movers.length === MOVERS && row.change <= smallest) return;
    this.#movers = [...this.#movers, row].sort((a, b) => b.change - a.change).slice(0, MOVERS);
  }
}

/** Measures that have another value; what only one of two declarations has is none. */
function changesOf(before: Values | null, after: Values | null): MeasureChange[] {
  return Object.keys(after ?? before ?? {}).flatMap((name) => {
    if (before !== null && !Object.hasOwn(before, name)) return [];
    const [old, now] = [before?.[name] ?? null, after?.[name] ?? null];
    return old === now ? [] : [{ name, by: changeOf(old, now) }];
  });
}

/** Null where one of the two is no number: then nothing can be said but that it is another value. */
function changeOf(before: DiffValue, after: DiffValue): { absolute: number; relative: number } | null {
  const [old, now] = [numberOf(before), numberOf(after)];
  if (old === null && now === null) return null;
  const absolute = Math.abs((now ?? 0) - (old ?? 0));
  const largest = Math.max(Math.abs(old ?? 0), Math.abs(now ?? 0));
  // Of the old value; what comes from nothing, or goes to it, changes by the whole.
  const relative = old === null || old === 0 || now === null ? (largest === 0 ? 0 : 1) : absolute / Math.abs(old);
  return { absolute, relative };
}

function numberOf(value: DiffValue): number | null {
  if (value === null || typeof value === 'boolean' || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** What only one of two declarations has is no change of a value. */
function sameValues(a: Values, b: Values): boolean {
  return Object.keys(a).every((name) => !Object.hasOwn(b, name) || a[name] === b[name]);
}
