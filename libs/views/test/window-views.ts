import { instant, int, stream, text } from '@twofold/schemas';
import { count, max, min, sum, view, type View } from '../src/index.ts';
import type { Duration } from '@twofold/schemas';
import type { WindowDraft } from '../src/declare-window.ts';
import { createAccumulator, type Accumulator } from '../src/accumulator.ts';
import type { AnswerValue } from '../src/answer-form.ts';
import { presentWindows, type AnswerOptions } from '../src/answer.ts';
import { createFold } from '../src/fold-columns.ts';
import { decodeKey } from '../src/key.ts';
import { memoryColumns, type MemoryEvent } from '../src/testing/memory-columns.ts';

export const visits = stream('visits', {
  fields: { user: text().maxLength(16), at: instant('ms'), value: int().between(-1000, 1000) },
  id: ['user', 'at'],
  eventTime: 'at',
});

function levelOf(width: Duration): { readonly [of in Duration]: 'forever' } {
  return Object.fromEntries([[width, 'forever']]);
}

/** A view of these windows by user; `width` is that of its one level. */
export function visitView(window: WindowDraft, width: Duration): View {
  return view('visitView', {
    from: visits,
    version: 1,
    dimensions: (e) => ({ user: e.user }),
    window,
    measures: (e) => ({
      events: count(),
      total: sum(e.value),
      least: min(e.value),
      most: max(e.value),
      latest: max(e.at),
    }),
    levels: levelOf(width),
    serve: [{ key: ['user'] }],
    buckets: 3,
  });
}

export interface Visit {
  readonly user: string;
  readonly time: number;
  readonly value: number;
}

/** The partials of some events, as the rows of one slice have them. */
export function folded(of: View, events: readonly Visit[]): Uint8Array[] {
  const fold = createFold(of);
  const list = events.map(({ user, time, value }): MemoryEvent => ({ time, values: { user, at: time, value } }));
  fold.apply(memoryColumns(of.stream, list), 0, list.length);
  return fold.takeDirty().map(({ bytes }) => bytes);
}

/** The sum of chunks of any number of folds. */
export function summed(of: View, chunks: readonly Uint8Array[]): Accumulator {
  const accumulator = createAccumulator(of, { widthMs: of.levels[0]?.widthMs ?? 1 });
  for (const bytes of chunks) accumulator.addChunk(bytes);
  return accumulator;
}

/** A row of an answer: user, window, and the measures. */
export interface VisitRow {
  readonly user: string;
  readonly start: number;
  readonly end: number;
  readonly events: number;
  readonly total: number;
  readonly least: number;
  readonly most: number;
  readonly latest: number;
}

export function rowsOf(of: View, accumulator: Accumulator, options: Partial<AnswerOptions> = {}): VisitRow[] {
  const answer = presentWindows(of, accumulator, { from: -Infinity, to: Infinity, ...options });
  return Array.from(answer.keyOfRow, (key, row) => {
    const at = (name: string): number => Number(answer.measures[name]?.[row]);
    const [user] = decodeKey(of, answer.keys[key] ?? new Uint8Array(0));
    return {
      user: String(user),
      start: answer.windowStarts[row] ?? NaN,
      end: answer.windowEnds[row] ?? NaN,
      events: at('events'),
      total: at('total'),
      least: at('least'),
      most: at('most'),
      latest: timeOf(answer.measures['latest']?.[row] ?? null),
    };
  });
}

/** The same row from a bag of events, counted one by one. */
export function rowOf(start: number, end: number, events: readonly Visit[]): VisitRow {
  const values = events.map(({ value }) => value);
  return {
    user: events[0]?.user ?? '',
    start,
    end,
    events: events.length,
    total: values.reduce((total, value) => total + value, 0),
    least: Math.min(...values),
    most: Math.max(...values),
    latest: Math.max(...events.map(({ time }) => time)),
  };
}

function timeOf(value: AnswerValue): number {
  return typeof value === 'string' ? Date.parse(value) : NaN;
}
