import type { Clock } from '@twofold/service';
import {
  ChunkError,
  failureMessage,
  presentTotal,
  presentWindows,
  type AnswerColumns,
  type WindowAnswer,
} from '@twofold/views';
import { ReadError } from './errors.ts';
import { completeBefore, freshnessOf, type Freshness } from './freshness.ts';
import type { ReadRequest } from './read-request.ts';
import type { Presented, PresentedCache } from './presented-cache.ts';
import { readView, type MergedPanes, type ReadPorts } from './read-view.ts';
import { orderRows, type RowOrder } from './order-rows.ts';

/** How merged panes become rows. */
export interface Presentation {
  /** Names of the measures and derived values that are wanted; null: all. Those that are ordered by are added. */
  readonly only: readonly string[] | null;
  /** By (key bytes, window) when empty. */
  readonly orderBy: readonly RowOrder[];
  /** More rows are refused with TOO_MANY_ROWS. */
  readonly maxRows: number;
  /** How all rows are written when they are given as they stand; null: they are not. */
  readonly writing: RowWriting | null;
}

export interface RowWriting {
  /** Equal keys, equal texts of equal rows. */
  readonly key: string;
  /** Of answers with more rows no text is made. */
  readonly atMost: number;
  readonly write: (windows: WindowAnswer) => string;
}

/** Presented rows with where they came from. */
export interface AnsweredRows extends Presented {
  readonly merged: MergedPanes;
  /** A window is complete when it ends at or before it, and starts at or after `completeFrom`. Null: none is. */
  readonly completeUntil: number | null;
  readonly completeFrom: number;
  readonly freshness: Freshness;
}

export interface AnswerPorts extends ReadPorts {
  readonly clock: Pick<Clock, 'now'>;
}

/** Reads, merges, sums windows, orders. Throws `ReadError`. */
export async function answerRows(
  request: ReadRequest & Partial<Presentation>,
  ports: AnswerPorts,
): Promise<AnsweredRows> {
  return presentRows(request, await readView(request, ports), { now: ports.clock.now(), cache: ports.presented });
}

type RowsRequest = Pick<ReadRequest, 'view' | 'from' | 'to' | 'layer'> & Partial<Presentation>;

/** When rows are presented, and from what memory. */
export interface PresentedAt {
  readonly now: number;
  /** When the positions were read: `now` unless told. */
  readonly readAt?: number | undefined;
  /** Rows that were presented before; without it they are presented anew. */
  readonly cache?: PresentedCache | undefined;
}

/** The same from panes that were merged before. Throws TOO_MANY_ROWS. */
export function presentRows(request: RowsRequest, merged: MergedPanes, at: PresentedAt): AnsweredRows {
  const { view, layer } = request;
  const { partitions, keptFrom } = merged;
  const { windows, order, text } = presentedFor(request, merged, at.cache);
  // An event up to the gap after a session's last, or before its first, would be of it.
  const gapMs = view.window.kind === 'session' ? view.window.gapMs : 0;
  const until = layer === 'SPEED' ? null : completeBefore(view, merged.entry, partitions);
  return {
    merged,
    windows,
    order,
    text,
    // One layer alone never is the whole of a window that the other may have a part in.
    completeUntil: until === null ? null : until - gapMs,
    completeFrom: (keptFrom ?? -Infinity) + gapMs,
    freshness: freshnessOf(view, partitions, at.now, at.readAt),
  };
}

function presentedFor(request: RowsRequest, merged: MergedPanes, cache: PresentedCache | undefined): Presented {
  const name = merged.name === null ? null : nameOf(request, merged);
  if (cache === undefined || name === null) return present(request, merged);
  const { writing = null, orderBy = [] } = request;
  const textName = writing === null || orderBy.length > 0 ? null : `${writing.key} ${name}`;
  if (writing === null || textName === null) return kept(cache, name, () => present(request, merged));
  const written = cache.get(textName);
  if (written !== undefined && written.windows.rows <= writing.atMost) return written;
  const presented = cache.get(name) ?? present(request, merged);
  if (presented.windows.rows > writing.atMost) {
    cache.set(name, presented);
    return presented;
  }
  const windows = { ...presented.windows, measures: {}, derived: {} };
  const withText = { windows, order: null, text: writing.write(presented.windows) };
  cache.set(textName, withText);
  return withText;
}

function kept(cache: PresentedCache, name: string, make: () => Presented): Presented {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const made = make();
  cache.set(name, made);
  return made;
}

function nameOf({ from, to, only = null, orderBy = [], maxRows }: RowsRequest, { plan, name }: MergedPanes): string {
  const orders = orderBy.map(({ by, descending }) => `${by}${descending ? '-' : '+'}`).join();
  return [from, to, JSON.stringify(plan.window), maxRows, only?.join(), orders, name].join(' ');
}

function present(request: RowsRequest, { plan, panes }: MergedPanes): Presented {
  const { view, from, to, only = null, orderBy = [], maxRows = Infinity } = request;
  const named = only === null ? {} : { only: [...only, ...orderBy.map(({ by }) => by)] };
  const options = { from, to, window: plan.window, maxRows, ...named };
  const windows = whole(
    view.name,
    refusing(view.name, () => presentWindows(view, panes, options)),
  );
  return { windows, order: orderBy.length === 0 ? null : orderRows(view, windows, orderBy), text: null };
}

/** One row over all panes of the answer's windows, each pane once, however many windows share it. */
export function totalOf(
  request: Pick<ReadRequest, 'view'>,
  merged: MergedPanes,
  only: readonly string[],
): AnswerColumns {
  const { from, to } = merged.plan;
  return whole(request.view.name, presentTotal(request.view, merged.panes, { only, from, to }));
}

/** An answer with a hole is none (E22): what a reducer failed on is told instead. */
function whole<T extends AnswerColumns>(view: string, answer: T): T {
  const [first] = answer.failures ?? [];
  if (first === undefined) return answer;
  throw new ReadError('REDUCER_FAILED', `view ${view}, ${failureMessage(first)}`, { facts: { ...first } });
}

function refusing<T>(view: string, present: () => T): T {
  try {
    return present();
  } catch (error) {
    if (!(error instanceof ChunkError) || error.code !== 'TOO_MANY_ROWS') throw error;
    throw new ReadError(
      'TOO_MANY_ROWS',
      `view ${view}: the answer has ${String(error.facts['rows'])} rows, and at most ${String(error.facts['maxRows'])} are read at once; ask for fewer keys, a shorter timeRange or a coarser grain`,
      { facts: error.facts },
    );
  }
}
