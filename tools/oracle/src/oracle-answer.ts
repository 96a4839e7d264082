import type { Level, View, Window } from '@twofold/views';
import { widestPane } from './calendar-window.ts';
import { changeNames } from './change-names.ts';
import type { ClassifiedRecord } from './classify.ts';
import { derive } from './derive.ts';
import { compareValues, evaluate, holds } from './evaluate.ts';
import { presentMeasure, presentValue, type Presented } from './present-value.ts';
import { inputValues } from './input-values.ts';
import type { OracleEvent, Value } from './read-event.ts';
import { addTo, emptyTally, liftInto, type Place, type Tally } from './tally.ts';
import { askedWindow, windowsOf, type CalendarQuestion, type Span } from './windows-of.ts';

/** The same form as the key values of views: texts, booleans, and numbers in column units. */
export type KeyUnits = number | string | boolean | null;

export interface OracleQuery {
  /** Windows whose end is in `(from, to]`, milliseconds. Infinite: all that hold an event. */
  readonly from: number;
  readonly to: number;
  /** Tumbling windows of this width instead of the view's own. */
  readonly grainMs?: number;
  /** Windows of a calendar instead of the view's own. */
  readonly calendar?: CalendarQuestion;
  /** Only these keys, in column units. */
  readonly keys?: readonly (readonly KeyUnits[])[];
  /** By partition: only positions at or above count. Classes are those of the whole log all the same. */
  readonly atOrAbove?: readonly number[];
  /** By partition: only positions below count. */
  readonly upTo?: readonly number[];
  /** Retention is counted from here, milliseconds (a release's watermark); null: nothing has expired. */
  readonly watermark?: number | null;
}

export interface OracleRow {
  /** Column units, in the order of the view's dimensions. */
  readonly key: readonly KeyUnits[];
  /** The same by name, in the form of answers. */
  readonly dimensions: Readonly<Record<string, Presented>>;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly values: Readonly<Record<string, Presented>>;
  readonly derived: Readonly<Record<string, Presented>>;
}

/**
 * What a view answers, from the log alone: each applied event that passes `where` is added to every window that holds
 * it. Rows by key (nulls first, numbers by size, texts by code point) and window; only windows with an event have one.
 */
export function oracleAnswer(view: View, log: readonly ClassifiedRecord[], query: OracleQuery): OracleRow[] {
  const window = askedWindow(view, query);
  const kept = keptFrom(view.levels, window, query.watermark ?? null);
  const wanted = query.keys === undefined ? null : new Set(query.keys.map((key) => JSON.stringify(key)));
  const keys = new Map<string, { key: readonly Value[]; events: CountedEvent[] }>();
  for (const event of countedEvents(view, log, query)) {
    if (event.timeMs < kept) continue;
    const key = view.dimensions.map(({ expr }) => evaluate(expr, event));
    const name = JSON.stringify(keyUnits(view, key));
    if (wanted !== null && !wanted.has(name)) continue;
    const { events } = keys.get(name) ?? setTo(keys, name, { key, events: [] });
    events.push(event);
  }
  return [...keys.values()]
    .sort((a, b) => compareKeys(a.key, b.key))
    .flatMap(({ key, events }) =>
      windowTallies(view, window, events, query)
        .sort((a, b) => a.end - b.end)
        // Over a change stream a window may have nothing left in it.
        .filter(({ tallies }) => tallies.some(({ rows }) => rows !== 0))
        .map((held) => ({ key, ...held })),
    )
    .map(({ key, start: windowStart, end: windowEnd, tallies }) => {
      const measures = new Map(view.measures.map((m, i) => [m.name, presentMeasure(m, tallies[i] ?? emptyTally(m))]));
      return {
        key: keyUnits(view, key),
        dimensions: byName(view.dimensions, ({ expr }, i) => presentValue(expr.type, key[i] ?? null)),
        windowStart,
        windowEnd,
        values: Object.fromEntries(measures),
        derived: byName(view.derived, ({ expr }) => derive(expr, measures)),
      };
    });
}

/** -1: the event of a change stream takes back what one before it brought (E27). */
function signOf({ values }: OracleEvent): 1 | -1 {
  return values.get(changeNames.sign) === -1n ? -1 : 1;
}

/** The windows of one key that end in the asked range, with what is known of the values in them. */
function windowTallies(
  view: View,
  window: Window,
  events: readonly CountedEvent[],
  { from, to }: Pick<OracleQuery, 'from' | 'to'>,
): (Span & { readonly tallies: readonly Tally[] })[] {
  const windows = new Map<number, Span & { readonly tallies: readonly Tally[] }>();
  windowsOf(window, events).forEach((spans, i) => {
    const event = events[i];
    if (event === undefined) return;
    const values = view.measures.map(({ of }) => (of === null ? null : evaluate(of, event)));
    const divisors = view.measures.map((measure) => (measure.kind === 'ratio' ? evaluate(measure.by, event) : null));
    const lifted = view.measures.map((measure) => {
      const own = emptyTally(measure);
      if (measure.kind === 'reducer') liftInto(own, measure.reducer, inputValues(measure.inputs, event), event.place);
      return own;
    });
    for (const span of spans) {
      if (span.end <= from || span.end > to) continue;
      const { tallies } =
        windows.get(span.end) ?? setTo(windows, span.end, { ...span, tallies: view.measures.map(emptyTally) });
      tallies.forEach((tally, m) => {
        addTo(tally, values[m] ?? null, event.place, signOf(event));
        const divisor = divisors[m];
        if (typeof divisor === 'bigint') tally.divisor += BigInt(signOf(event)) * divisor;
        tally.lifted.push(...(lifted[m]?.lifted ?? []));
        tally.unlifted.push(...(lifted[m]?.unlifted ?? []));
      });
    }
  });
  return [...windows.values()];
}

function setTo<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}

/** An event, and where it stands. */
export interface CountedEvent extends OracleEvent {
  readonly place: Place;
}

/** Events that count: applied, within the asked positions, and passing `where`. */
export function countedEvents(
  view: View,
  log: readonly ClassifiedRecord[],
  { atOrAbove, upTo }: Pick<OracleQuery, 'atOrAbove' | 'upTo'>,
): CountedEvent[] {
  return log.flatMap((record) => {
    if (record.class !== 'applied') return [];
    const { partition, offset, event } = record;
    if (offset < (atOrAbove?.[partition] ?? 0) || offset >= (upTo?.[partition] ?? Infinity)) return [];
    return holds(view.where, event) ? [{ ...event, place: [event.timeMs, partition, offset] }] : [];
  });
}

/**
 * Retention: an answer is summed from panes of the coarsest level that its windows are sums of, and a pane has expired
 * when its end is at or before the watermark minus what its level retains. The earliest event time that counts.
 */
function keptFrom(levels: readonly Level[], window: Window, watermark: number | null): number {
  const level = levels.findLast(({ widthMs }) => {
    if (window.kind === 'session') return true;
    if (window.kind === 'calendar') return widestPane(window.grain, window.zone) % widthMs === 0;
    return window.sizeMs % widthMs === 0 && window.everyMs % widthMs === 0;
  });
  if (level === undefined) throw new RangeError(`no stored level divides windows ${JSON.stringify(window)}`);
  if (watermark === null || level.retainMs === null) return -Infinity;
  return Math.floor((watermark - level.retainMs) / level.widthMs) * level.widthMs;
}

export function keyUnits(view: View, key: readonly Value[]): KeyUnits[] {
  return view.dimensions.map(({ expr }, i) => {
    const value = key[i] ?? null;
    if (typeof value !== 'bigint') return value;
    return expr.type.kind === 'boolean' ? value === 1n : Number(value);
  });
}

export function compareKeys(a: readonly Value[], b: readonly Value[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i] ?? null;
    const order =
      left === null || right === null ? Number(left !== null) - Number(right !== null) : compareValues(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function byName<T extends { readonly name: string }>(
  members: readonly T[],
  value: (member: T, i: number) => Presented,
): Record<string, Presented> {
  return Object.fromEntries(members.map((member, i) => [member.name, value(member, i)]));
}
