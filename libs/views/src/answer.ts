import type { Accumulator } from './accumulator.ts';
import type { AnswerValue } from './answer-form.ts';
import { presentMeasure } from './answer-measure.ts';
import type { MeasureFailure } from './answer-reducer.ts';
import { windowRanges } from './answer-windows.ts';
import { heldRanges } from './change-measures.ts';
import { ChunkError } from './chunk-error.ts';
import { sessionSlots } from './session-ranges.ts';
import type { ComponentState, SlotRanges } from './component-state.ts';
import { componentIndexes } from './components.ts';
import { derivedEvaluator } from './evaluate-derived.ts';
import type { View, Window } from './view.ts';
import { isExpressible, windowText } from './window-of.ts';

export interface AnswerOptions {
  /** Windows whose end is in `(from, to]`, milliseconds; infinite ones are allowed. */
  readonly from: number;
  readonly to: number;
  /** The view's own unless told; of sessions it is always the view's own. */
  readonly window?: Window;
  /** Names of the measures and derived values that are wanted; all, unless told. */
  readonly only?: readonly string[];
  /** No bound unless told. */
  readonly maxRows?: number;
}

/** Values by name, one array a measure: row r is `values[r]`. */
export interface AnswerColumns {
  readonly rows: number;
  readonly measures: Readonly<Record<string, readonly AnswerValue[]>>;
  readonly derived: Readonly<Record<string, readonly AnswerValue[]>>;
  /** Values that are null because a reducer's own function failed: the first of each measure. Absent: there is none. */
  readonly failures?: readonly MeasureFailure[];
}

/** Rows by (key bytes, window). */
export interface WindowAnswer extends AnswerColumns {
  /** The bytes of the keys that have a row, in order. */
  readonly keys: readonly Uint8Array[];
  /** Index into `keys`. */
  readonly keyOfRow: Int32Array;
  /** Window of each row: `[start, end)`, milliseconds. */
  readonly windowStarts: Float64Array;
  readonly windowEnds: Float64Array;
}

/**
 * Finished rows of the windows that hold an event and end in `(from, to]`. Windows end at multiples of the step; those
 * of a calendar as its zone has them; a session's a millisecond after its last event. Each is summed from the panes of the accumulator, which has to hold all panes of these windows; a pane is added once and
 * subtracted once, however many windows share it (extremes are kept in a queue), and the result is that of summing
 * each window anew.
 *
 * | measure          | int, expressions of ints       | decimal                | float                          | others |
 * | ---------------- | ------------------------------ | ---------------------- | ------------------------------ | ------ |
 * | count            | number                         | number                 | number                         | number |
 * | sum              | number, above 2^53 a bigint    | exact text: `'12.340'` | quanta × quantum as a double: exact up to 2^53 quanta, then nearest | - |
 * | avg              | nearest double                 | nearest double         | nearest double                 | - |
 * | variance, stddev | nearest double, of the sample (n − 1); null below two values                             | same | same | - |
 * | min, max         | number                         | exact text             | exact double                   | instant: RFC 3339 text in UTC with the unit's digits; date: `YYYY-MM-DD`; boolean; text |
 * | quantile         | nearest double to the middle of a bin: within `binError` of the value of its rank           | same | same | - |
 * | first, last      | as min and max | same | same | same |
 * | ratio            | nearest double | same | same | - |
 * | histogram        | numbers of values by bin | same | same | - |
 * | countBy          | `CountedValues`, its values as those of min and max | same | same | same |
 * | reducer          | what its `present` gives; of what is no finite number, and where it failed, null | same | same | same |
 * | distinct         | number: exact up to 2^precision / 8, then an estimate (`distinctError`)          | same | same | same |
 *
 * Nearest means: computed in exact integers and rounded once. A measure without a value that is not null is null; a
 * count is 0. A derived value is a double or null, a derived condition true, false or null.
 *
 * Throws `WINDOW_NOT_EXPRESSIBLE` when the panes do not divide size and step, `TOO_MANY_ROWS` above `maxRows`.
 */
export function presentWindows(view: View, accumulator: Accumulator, options: AnswerOptions): WindowAnswer {
  const window = view.window.kind === 'session' ? view.window : (options.window ?? view.window);
  const { widthMs } = accumulator;
  if (window.kind === 'session' ? view.window.kind !== 'session' : !isExpressible(window, widthMs)) {
    throw new ChunkError(
      'WINDOW_NOT_EXPRESSIBLE',
      `Windows ${windowText(window)} can not be summed from panes of ${widthMs} ms.`,
      { facts: { window: windowText(window), widthMs } },
    );
  }
  const { from, to, maxRows = Infinity } = options;
  const all = windowRanges(accumulator, { from, to, window, maxRows });
  // Over a change stream the rows of a window may all have been taken back.
  const ranges = view.stream.change === undefined ? all : heldRanges(all, accumulator.table.states[1]);
  const keys: Uint8Array[] = [];
  let last = -1;
  const keyOfRow = ranges.keys.map((key) => {
    if (key !== last) keys.push(accumulator.table.keys.bytes(key));
    last = key;
    return keys.length - 1;
  });
  return {
    ...presentRanges(view, accumulator, ranges, options.only ?? null),
    keys,
    keyOfRow,
    windowStarts: ranges.windowStarts.slice(),
    windowEnds: ranges.windowEnds.slice(),
  };
}

/** Which panes a total is made of; all, unless told. Of sessions, those that end in `(from, to]`. */
export interface TotalOptions {
  readonly from?: number;
  readonly to?: number;
  readonly paneFrom?: number;
  readonly paneBelow?: number;
  readonly only?: readonly string[];
}

/** One row: every pane of every key once, in the forms of `presentWindows`. Without any event counts are 0, the rest null. */
export function presentTotal(view: View, accumulator: Accumulator, options: TotalOptions = {}): AnswerColumns {
  const { paneFrom = -Infinity, paneBelow = Infinity, from = -Infinity, to = Infinity } = options;
  const { table } = accumulator;
  const slots =
    view.window.kind === 'session'
      ? sessionSlots(accumulator, view.window.gapMs, { from, to })
      : Int32Array.from({ length: table.rows }, (_, slot) => slot);
  const order = slots.filter((slot) => {
    const pane = table.panes[slot] ?? 0;
    return pane >= paneFrom && pane < paneBelow;
  });
  const ranges = { order, starts: Int32Array.of(0), ends: Int32Array.of(order.length), rows: 1 };
  return presentRanges(view, accumulator, ranges, options.only ?? null);
}

function presentRanges(
  view: View,
  accumulator: Accumulator,
  ranges: SlotRanges,
  only: readonly string[] | null,
): AnswerColumns {
  const { rows } = ranges;
  const wanted = (name: string): boolean => only === null || only.includes(name);
  const derived = view.derived.filter(({ name }) => wanted(name));
  const read = view.measures.filter(({ name }) => wanted(name) || derived.length > 0);
  const summed: (ComponentState | undefined)[] = [];
  const overChanges = view.stream.change !== undefined;
  for (const index of read.flatMap((measure) => componentIndexes(view.components, measure, overChanges))) {
    summed[index] ??= accumulator.table.states[index]?.slide(ranges);
  }
  const failures = new Map<string, MeasureFailure>();
  const failed = (failure: MeasureFailure): void => {
    if (!failures.has(failure.measure)) failures.set(failure.measure, failure);
  };
  const values = new Map(read.map((measure) => [measure.name, presentMeasure(view, measure, summed, rows, failed)]));
  const isRead = ({ measure }: MeasureFailure): boolean =>
    wanted(measure) || derived.some(({ expr }) => readsMeasure(expr, measure));
  const missed = [...failures.values()].filter(isRead);
  return {
    rows,
    ...(missed.length === 0 ? {} : { failures: missed }),
    measures: Object.fromEntries([...values].filter(([name]) => wanted(name))),
    derived: Object.fromEntries(derived.map(({ name, expr }) => [name, derivedColumn(expr, values, rows)])),
  };
}

function readsMeasure(expr: unknown, name: string): boolean {
  if (typeof expr !== 'object' || expr === null) return false;
  if ('measure' in expr && expr.measure === name) return true;
  return Object.values(expr).some((member) => readsMeasure(member, name));
}

function derivedColumn(
  expr: View['derived'][number]['expr'],
  values: ReadonlyMap<string, readonly AnswerValue[]>,
  rows: number,
): AnswerValue[] {
  const evaluate = derivedEvaluator(expr);
  const column: AnswerValue[] = [];
  let row = 0;
  const measure = (name: string): number | null => asNumber(values.get(name)?.[row] ?? null);
  for (; row < rows; row++) {
    const value = evaluate(measure);
    column.push(expr.type.kind === 'boolean' && value !== null ? value === 1 : value);
  }
  return column;
}

/** What a derived value reads: the nearest double. Texts that are no number are null. */
function asNumber(value: AnswerValue): number | null {
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'object') return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}
