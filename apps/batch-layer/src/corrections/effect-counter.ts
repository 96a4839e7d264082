import type { Columns } from '@twofold/schemas';
import { createAccumulator, createFold, decodeChunk, type Accumulator, type Fold, type View } from '@twofold/views';

/** Counts the keys and panes of each view that events fall into. */
export class EffectCounter {
  readonly #parts: readonly { readonly view: View; readonly fold: Fold; readonly sum: Accumulator }[];

  constructor(views: readonly View[]) {
    this.#parts = views.map((view) => ({
      view,
      fold: createFold(view),
      sum: createAccumulator(view, { widthMs: view.levels[0]?.widthMs ?? 1 }),
    }));
  }

  /** Rows of class `applied` count. */
  add(columns: Columns): void {
    for (const { fold, sum } of this.#parts) {
      fold.apply(columns, 0, columns.count);
      for (const { bytes } of fold.takeDirty()) sum.addChunk(bytes);
      fold.clear();
    }
  }

  /** By view, in the order given. */
  counts(): readonly { readonly keys: number; readonly panes: number }[] {
    return this.#parts.map(({ view, sum }) => ({
      keys: sum.rows === 0 ? 0 : decodeChunk(view, sum.toChunk().bytes).keys.length,
      panes: sum.rows,
    }));
  }
}
