import type { CalendarGrain, View, Window } from '@twofold/views';

export type LayerSelection = 'MERGED' | 'BATCH' | 'SPEED';

/** What is asked of one view, before any text or paging: everything is checked and in numbers. */
export interface ReadRequest {
  readonly view: View;
  readonly layer: LayerSelection;
  /** Canonical key bytes, each once; null: every key. */
  readonly keys: readonly Uint8Array[] | null;
  /** With `keys` null: which of all keys count (an access path that names some of the dimensions). All, unless told. */
  readonly accepts?: ((key: Uint8Array) => boolean) | null;
  /** Windows whose end lies in `(from, to]`, milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Windows of this width instead of the view's own; null: the view's. */
  readonly grainMs: number | null;
  /** Windows of a calendar instead; with it `grainMs` is null. None, unless told. */
  readonly calendar?: { readonly grain: CalendarGrain; readonly zone: string } | null;
  /** A release to read instead of live: a cursor's, so that pages stay on one (E16). */
  readonly release: string | null;
  /**
   * Where a snapshot stops, by partition: these positions, or the last slice ends that are proved (`SLICE_ENDS`, E16).
   * Null: latest.
   */
  readonly positions: readonly number[] | 'SLICE_ENDS' | null;
  /** A read of more panes is refused with TOO_MANY_ROWS; 4 million unless told. */
  readonly maxPanes?: number;
  readonly signal?: AbortSignal;
}

/** How the windows of an answer are summed: from panes of one stored level. */
export interface WindowPlan {
  readonly window: Window;
  /** The windows asked for end in `(from, to]`. */
  readonly from: number;
  readonly to: number;
  /** Pane width of the level that is read; of sessions, the width of its buckets. */
  readonly widthMs: number;
  readonly retainMs: number | null;
  /** Panes needed: `[paneFrom, paneBelow)`. Empty when no window ends in the range. */
  readonly paneFrom: number;
  readonly paneBelow: number;
}
