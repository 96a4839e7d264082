import type { ChangeCause, ChangedRow, DiffValue, MeasureDiff, ViewDiff } from '@twofold/corrections';
import type { BuildIndex, PartEntry, Parts } from '@twofold/view-store';
import {
  createAccumulator,
  decodeKey,
  presentWindows,
  type AnswerValue,
  type View,
  type WindowAnswer,
} from '@twofold/views';
import { BatchError } from '../errors.ts';

/** Rows that a diff shows. */
const MOVERS = 20;
/** Buckets that a diff names; those beyond are in its counts only. */
const BUCKETS = 1_000;

/** What is compared with what, and why it may differ. */
export interface DiffTask {
  readonly view: View;
  /** The view as it was when the build before was made; null: its declaration is not known any more. */
  readonly beforeView: View | null;
  readonly before: BuildIndex | null;
  readonly after: BuildIndex;
  readonly cause: ChangeCause;
  /** Only windows that end at or before it, milliseconds; null: all. */
  readonly settledBy: number | null;
  /** What ends at or before it has expired in the build after, which is no change; null: nothing has. */
  readonly expiredBy: number | null;
}

/** Told of each row that is otherwise, and of what bucket of time it is in. */
export type OnChange = (row: ChangedRow, bucket: Bucket) => void;

export interface Bucket {
  readonly from: number;
  readonly to: number;
}

/** Compares two builds of a view, in the panes of its finest level; parts that they share are equal and not read. */
export async function diffView(
  { view, beforeView, before, after, cause, settledBy, expiredBy }: DiffTask,
  parts: Pick<Parts, 'chunk'>,
  signal: AbortSignal,
  onChange: OnChange = () => undefined,
): Promise<ViewDiff> {
  const incomparable = otherShape(beforeView, view);
  const sum = new DiffSum(view, cause, incomparable, onChange);
  const paneMs = view.levels[0]?.widthMs ?? 1;
  const finest = (index: BuildIndex | null): Map<number, PartEntry> =>
    new Map((index?.parts ?? []).filter(({ widthMs }) => widthMs === paneMs).map((part) => [part.from, part]));
  const [old, now] = [finest(before), finest(after)];
  const starts = incomparable === null ? [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b) : [];
  for (const from of starts) {
    signal.throwIfAborted();
    const [left, right] = [old.get(from) ?? null, now.get(from) ?? null];
    const to = (right ?? left)?.to ?? from;
    if ((settledBy !== null && from >= settledBy) || (right === null && to <= (expiredBy ?? -Infinity))) continue;
    if (left !== null && right !== null && isSame(left, right, beforeView === view)) continue;
    const rowsBefore = await rowsOf(beforeView ?? view, left, parts, settledBy);
    sum.add(rowsBefore, await rowsOf(view, right, parts, settledBy), { from, to });
  }
  return sum.result();
}

function isSame(left: PartEntry, right: PartEntry, oneView: boolean): boolean {
  return left.part === right.part || (oneView && left.sha256 === right.sha256);
}

/** Why rows of two declarations of a view can not be told to be the same row; null: they can. */
function otherShape(before: View | null, after: View): string | null {
  if (before === after) return null;
  if (before === null) return 'the declaration of the version before was not kept';
  const keyOf = ({ dimensions }: View): string =>
    dimensions.map(({ name, expr }) => `${name} ${expr.type.kind}`).join(', ');
  if (keyOf(before) !== keyOf(after)) return `their keys were (${keyOf(before)}) and are (${keyOf(after)})`;
  const paneOf = ({ window, levels }: View): string =>
    `${window.kind === 'session' ? 'sessions' : 'panes'} of ${levels[0]?.widthMs ?? 1} ms`;
  return paneOf(before) === paneOf(after) ? null : `they were of ${paneOf(before)} and are of ${paneOf(after)}`;
}

/** A finished row, as answers have it. */
export interface PaneRow {
  readonly key: Uint8Array;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly values: Values;
}

type Rows = ReadonlyMap<string, PaneRow>;
type Values = Readonly<Record<string, DiffValue>>;

/** The finished rows of a part, by key and window. */
export async function rowsOf(
  view: View,
  part: PartEntry | null,
  parts: Pick<Parts, 'chunk'>,
  settledBy: number | null,
): Promise<Rows> {
  const rows = new Map<string, PaneRow>();
  if (part === null) return rows;
  const accumulator = createAccumulator(view, { widthMs: part.widthMs });
  for (let number = 0; number < part.chunks; number++) {
    const bytes = await parts.chunk(part.part, number);
    if (bytes === null)
      throw new BatchError(
        'BASE_COLLECTED',
        `view ${view.name}: part ${part.part} was collected while it was compared, because the candidate was cancelled; it is built again`,
        { retryable: true },
      );
    accumulator.addChunk(bytes);
  }
  if (accumulator.rows === 0) return rows;
  const window = { kind: 'tumbling', sizeMs: part.widthMs, everyMs: part.widthMs } as const;
  const answer = presentWindows(view, accumulator, { from: -Infinity, to: settledBy ?? Infinity, window });
  for (let row = 0; row < answer.rows; row++) {
    const key = answer.keys[answer.keyOfRow[row] ?? 0] ?? new Uint8Array(0);
    const windowStart = answer.windowStarts[row] ?? 0;
    const windowEnd = answer.windowEnds[row] ?? 0;
    const id = `${Buffer.from(key).toString('base64')} ${windowStart}`;
    rows.set(id, { key, windowStart, windowEnd, values: valuesOf(answer, row) });
  }
  return rows;
}

function valuesOf(answer: WindowAnswer, row: number): Values {
  const columns = { ...answer.measures, ...answer.derived };
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, plain(values[row] ?? null)]));
}

function plain(value: AnswerValue): DiffValue {
  if (typeof value === 'bigint') return value.toString();
  // Lists of counts are compared, and shown, as their text.
  return typeof value === 'object' && value !== null ? JSON.stringify(value, bigIntAsText) : value;
}

function bigIntAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** A key as people read it. */
export function keyValues(view: View, key: Uint8Array): DiffValue[] {
  return decodeKey(view, key).map((value) => plain(value));
}

class DiffSum {
  readonly #view: View;
  readonly #cause: ChangeCause;
  readonly #incomparable: string | null;
  readonly #onChange: OnChange;
  #compared = 0;
  #changed = 0;
  #added = 0;
  #removed = 0;
  /** 1: has a row before; 2: after; 3: both. Of keys in parts that differ. */
  readonly #keys = new Map<string, number>();
  readonly #measures = new Map<string, { rows: number; absolute: number | null; relative: number | null }>();
  readonly #buckets: { from: number; to: number; rows: number }[] = [];
  #movers: ChangedRow[] = [];

  constructor(view: View, cause: ChangeCause, incomparable: string | null, onChange: OnChange) {
    this.#view = view;
    this.#cause = cause;
    this.#incomparable = incomparable;
    this.#onChange = onChange;
  }

  add(before: Rows, after: Rows, bucket: Bucket): void {
    let rows = 0;
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(id), after.get(id)];
      const some = old ?? now;
      if (some === undefined) continue;
      this.#compared++;
      this.#note(id.slice(0, id.lastIndexOf(' ')), old !== undefined, now !== undefined);
      if (old !== undefined && now !== undefined && sameValues(old.values, now.values)) continue;
      rows++;
      if (old === undefined) this.#added++;
      else if (now === undefined) this.#removed++;
      else this.#changed++;
      const change = this.#measure(old?.values ?? null, now?.values ?? null);
      const { windowStart, windowEnd } = some;
      const row = { windowStart, windowEnd, before: old?.values ?? null, after: now?.values ?? null, change };
      const changed = { ...row, key: keyValues(this.#view, some.key) };
      this.#onChange(changed, bucket);
      this.#move(changed);
    }
    if (rows > 0 && this.#buckets.length < BUCKETS) this.#buckets.push({ ...bucket, rows });
  }

  result(): ViewDiff {
    const keys = [...this.#keys.values()];
    return {
      view: this.#view.name,
      version: this.#view.version,
      cause: this.#cause,
      incomparable: this.#incomparable,
      paneMs: this.#view.levels[0]?.widthMs ?? 1,
      rowsCompared: this.#compared,
      rowsChanged: this.#changed,
      rowsAdded: this.#added,
      rowsRemoved: this.#removed,
      keysAdded: keys.filter((seen) => seen === 2).length,
      keysRemoved: keys.filter((seen) => seen === 1).length,
      measures: [...this.#measures].map(([measure, { rows, absolute, relative }]): MeasureDiff => ({
        measure,
        rowsChanged: rows,
        largestAbsolute: absolute,
        largestRelative: relative,
      })),
      buckets: this.#buckets,
      movers: this.#movers,
    };
  }

  #note(key: string, before: boolean, after: boolean): void {
    this.#keys.set(key, (this.#keys.get(key) ?? 0) | (before ? 1 : 0) | (after ? 2 : 0));
  }

  /** The largest relative change of a row's measures. */
  #measure(before: Values | null, after: Values | null): number {
    let largest = before === null || after === null ? 1 : 0;
    for (const name of Object.keys(after ?? before ?? {})) {
      if (before !== null && !Object.hasOwn(before, name)) continue;
      const [old, now] = [before?.[name] ?? null, after?.[name] ?? null];
      if (old === now) continue;
      const of = this.#measures.get(name) ?? { rows: 0, absolute: null, relative: null };
      of.rows++;
      const by = changeOf(old, now);
      if (by !== null) {
        of.absolute = Math.max(of.absolute ?? 0, by.absolute);
        of.relative = Math.max(of.relative ?? 0, by.relative);
        largest = Math.max(largest, by.relative);
      }
      this.#measures.set(name, of);
    }
    return largest;
  }

  #move(row: ChangedRow): void {
    const smallest = this.#movers.at(-1)?.change ?? -1;
    if (this.#movers.length === MOVERS && row.change <= smallest) return;
    this.#movers = [...this.#movers, row].sort((a, b) => b.change - a.change).slice(0, MOVERS);
  }
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
