import type { PositionFold } from './lane-fold.ts';
import { OneBeside } from './one-beside.ts';

/** Something else that folds the same classified positions and keeps its own progress: an alarm. */
export interface SideFold extends PositionFold {
  /** Of what is not durable yet. */
  readonly pendingBytes: number;
  /** Makes durable what it holds as of the call; nobody calls it again before that is done. */
  flush(signal: AbortSignal): Promise<void>;
}

/** The side folds of a partition, each made durable beside the fold of the lanes, which does not wait for it. */
export class SideFolds {
  readonly folds: readonly SideFold[];
  readonly #flushing: readonly { readonly fold: SideFold; readonly beside: OneBeside }[];
  readonly #pendingBytes: number;

  /** @param pendingBytes more of one fold has to become durable before the others go on */
  constructor(folds: readonly SideFold[], pendingBytes: number) {
    this.folds = folds;
    this.#flushing = folds.map((fold) => ({ fold, beside: new OneBeside() }));
    this.#pendingBytes = pendingBytes;
  }

  async flush(signal: AbortSignal): Promise<void> {
    for (const { fold, beside } of this.#flushing) {
      if (fold.pendingBytes > this.#pendingBytes) await beside.settled();
      if (beside.idle) beside.start(() => fold.flush(signal));
    }
  }

  /** Resolves when nothing is being written; throws what ended the last write. */
  async settled(): Promise<void> {
    for (const { beside } of this.#flushing) await beside.settled();
  }
}
