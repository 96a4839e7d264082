import type { View } from '@twofold/views';

export type LayerSelection = 'MERGED' | 'BATCH' | 'SPEED';

/** What is asked of one view, before any text or paging: everything is checked and in numbers. */
export interface ReadRequest {
  readonly view: View;
  readonly layer: LayerSelection;
  /** Canonical key bytes; null: every key. */
  readonly keys: readonly Uint8Array[] | null;
  /** Windows whose end lies in `(from, to]`, milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Windows of this width instead of the view's own; null: the view's. */
  readonly grainMs: number | null;
  /** A release to read instead of live: a cursor's, so that pages stay on one (E16). */
  readonly release: string | null;
  /** By partition, the slice ends that a snapshot stops at; null: latest. */
  readonly positions: readonly number[] | null;
}

/** How the windows of an answer are summed: from panes of one stored level. */
export interface WindowPlan {
  readonly sizeMs: number;
  readonly everyMs: number;
  /** Pane width of the level that is read. */
  readonly widthMs: number;
  readonly retainMs: number | null;
  /** Panes needed: `[paneFrom, paneBelow)`. */
  readonly paneFrom: number;
  readonly paneBelow: number;
}
