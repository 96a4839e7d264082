import type { ChangedRow, DiffValue, MeasureDiff, ViewDiff } from '@twofold/corrections';
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

/** Compares two builds of a view, in the panes of its finest level; parts that they share are equal and not read. */
export async function diffView(
  view: View,
  before: BuildIndex | null,
  after: BuildIndex,
  parts: Pick<Parts, 'chunk'>,
  signal: AbortSignal,
): Promise<ViewDiff> {
  const paneMs = view.levels[0]?.widthMs ?? 1;
  const sum = new DiffSum(view, paneMs);
  const old = new Map(
    (before?.parts ?? []).filter(({ widthMs }) => widthMs === paneMs).map((part) => [part.from, part]),
  );
  const now = new Map(after.parts.filter(({ widthMs }) => widthMs === paneMs).map((part) => [part.from, part]));
  for (const from of [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b)) {
    signal.throwIfAborted();
    const [left, right] = [old.get(from) ?? null, now.get(from) ?? null];
    if (left !== null && right !== null && (left.part === right.part || left.sha256 === right.sha256)) continue;
    // What expired between two builds at one cut is not a change: both have the same watermark.
    sum.add(await answerOf(view, left, parts), await answerOf(view, right, parts), {
      from,
      to: (right ?? left)?.to ?? from,
    });
  }
  return sum.result();
}

type Rows = ReadonlyMap<string, { readonly key: Uint8Array; readonly windowStart: number; readonly values: Values }>;
type Values = Readonly<Record<string, DiffValue>>;

async function answerOf(view: View, part: PartEntry | null, parts: Pick<Parts, 'chunk'>): Promise<Rows> {
  const rows = new Map<string, { key: Uint8Array; windowStart: number; values: Values }>();
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
  const answer = presentWindows(view, accumulator, { from: -Infinity, to: Infinity, window });
  for (let row = 0; row < answer.rows; row++) {
    const key = answer.keys[answer.keyOfRow[row] ?? 0] ?? new Uint8Array(0);
    const windowStart = answer.windowStarts[row] ?? 0;
    rows.set(`${Buffer.from(key).toString('base64')} ${windowStart}`, {
      key,
      windowStart,
      values: valuesOf(answer, row),
    });
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

class DiffSum {
  readonly #view: View;
  readonly #paneMs: number;
  #compared = 0;
  #changed = 0;
  #added = 0;
  #removed = 0;
  /** 1: has a row before; 2: after; 3: both. Of keys in parts that differ. */
  readonly #keys = new Map<string, number>();
  readonly #measures = new Map<string, { rows: number; absolute: number | null; relative: number | null }>();
  readonly #buckets: { from: number; to: number; rows: number }[] = [];
  #movers: ChangedRow[] = [];

  constructor(view: View, paneMs: number) {
    this.#view = view;
    this.#paneMs = paneMs;
  }

  add(before: Rows, after: Rows, bucket: { readonly from: number; readonly to: number }): void {
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
      this.#move(some, old?.values ?? null, now?.values ?? null, change);
    }
    if (rows > 0 && this.#buckets.length < BUCKETS) this.#buckets.push({ ...bucket, rows });
  }

  result(): ViewDiff {
    const keys = [...this.#keys.values()];
    return {
      view: this.#view.name,
      version: this.#view.version,
      paneMs: this.#paneMs,
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
    for (const name of Object.keys(before ?? after ?? {})) {
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

  #move(
    of: { readonly key: Uint8Array; readonly windowStart: number },
    before: Values | null,
    after: Values | null,
    change: number,
  ): void {
    const smallest = this.#movers.at(-1)?.change ?? -1;
    if (this.#movers.length === MOVERS && change <= smallest) return;
    const key = decodeKey(this.#view, of.key).map((value) => plain(value));
    const moved = { key, windowStart: of.windowStart, before, after, change };
    this.#movers = [...this.#movers, moved].sort((a, b) => b.change - a.change).slice(0, MOVERS);
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

function sameValues(a: Values, b: Values): boolean {
  return Object.keys(a).every((name) => a[name] === b[name]);
}
