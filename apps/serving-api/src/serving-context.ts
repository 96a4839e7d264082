import type { Stream } from '@twofold/schemas';
import type { Clock } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { View } from '@twofold/views';
import type { CursorCodec } from './cursor.ts';
import type { Operations } from './operations/operations.ts';
import type { RestatementSource } from './operations/restatement-field.ts';
import type { PinnedPanes } from './pinned-panes.ts';
import type { ReadPorts } from './read-view.ts';
import type { SharedReads } from './shared-reads.ts';

/** What every resolver works with; made once. */
export interface Serving {
  readonly views: readonly View[];
  readonly streams: readonly Stream[];
  readonly store: ViewStore;
  /** How answers are read: the control row and progress by reads that requests share. */
  readonly ports: ReadPorts & { readonly store: SharedReads };
  readonly clock: Pick<Clock, 'now'>;
  readonly cursors: CursorCodec;
  readonly pinned: PinnedPanes;
  /** A larger answer is refused; its pages are cut from it. */
  readonly maxRows: number;
  /** What operators may do, and a key that no other request has; absent: nothing, and the schema does not speak of it. */
  readonly operating?: { readonly operations: Operations; readonly nextKey: () => string };
  /** Where changed answers are told; absent: nowhere that is known here. */
  readonly restatements?: RestatementSource;
}

/** What resolvers get with one request. */
export interface RequestContext {
  /** Its signal is aborted when the client has gone, or the time for the request has passed. */
  readonly request: { readonly signal: AbortSignal };
  /** The client has shown the operator's token. */
  readonly operator?: boolean;
}
