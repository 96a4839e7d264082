import type { Clock } from '@twofold/service';
import { ChunkError, presentTotal, presentWindows, type AnswerColumns, type WindowAnswer } from '@twofold/views';
import { ReadError } from './errors.ts';
import { completeBefore, freshnessOf, type Freshness } from './freshness.ts';
import type { ReadRequest } from './read-request.ts';
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
}

/** Presented rows with where they came from. */
export interface AnsweredRows {
  readonly merged: MergedPanes;
  /** Rows by (key bytes, window). */
  readonly windows: WindowAnswer;
  /** Row numbers in the asked order; null: as they stand. */
  readonly order: Int32Array | null;
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
  return presentRows(request, await readView(request, ports), ports.clock.now());
}

/** The same from panes that were merged before. Throws TOO_MANY_ROWS. */
export function presentRows(
  request: Pick<ReadRequest, 'view' | 'from' | 'to' | 'layer'> & Partial<Presentation>,
  merged: MergedPanes,
  now: number,
  readAt = now,
): AnsweredRows {
  const { view, from, to, layer, only = null, orderBy = [], maxRows = Infinity } = request;
  const { plan, partitions, keptFrom } = merged;
  const named = only === null ? {} : { only: [...only, ...orderBy.map(({ by }) => by)] };
  const options = { from, to, windowMs: plan.sizeMs, everyMs: plan.everyMs, maxRows, ...named };
  const windows = refusing(view.name, () => presentWindows(view, merged.panes, options));
  return {
    merged,
    windows,
    order: orderBy.length === 0 ? null : orderRows(view, windows, orderBy),
    // One layer alone never is the whole of a window that the other may have a part in.
    completeUntil: layer === 'SPEED' ? null : completeBefore(view, merged.entry, partitions),
    completeFrom: keptFrom ?? -Infinity,
    freshness: freshnessOf(view, partitions, now, readAt),
  };
}

/** One row over all panes of the answer's windows, each pane once, however many windows share it. */
export function totalOf(
  request: Pick<ReadRequest, 'view'>,
  merged: MergedPanes,
  only: readonly string[],
): AnswerColumns {
  return presentTotal(request.view, merged.panes, { only });
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
