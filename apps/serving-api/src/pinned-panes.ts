import type { Clock } from '@twofold/service';
import type { MergedPanes } from './read-view.ts';

/** Snapshots of at most so many rows are kept in memory. */
export const PINNED_ROWS = 10_000;
const KEPT_MS = 300_000;
const MAX_PANES = 2_000_000;
const MAX_PINS = 1_000;

/** Merged panes that pages of one snapshot are cut from, for five minutes: the oldest go first when there are too many. */
export class PinnedPanes {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #pins = new Map<string, { readonly merged: MergedPanes; readonly readAt: number }>();
  readonly #prefix: string;
  #panes = 0;
  #count = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    // Names of an earlier process must not name pins of this one: their cursors are signed with the same secret.
    this.#prefix = clock.now().toString(36);
  }

  get panes(): number {
    return this.#panes;
  }

  add(merged: MergedPanes): string {
    const now = this.#clock.now();
    const name = `${this.#prefix}-${(this.#count++).toString(36)}`;
    this.#pins.set(name, { merged, readAt: now });
    this.#panes += merged.panes.rows;
    for (const [oldest, pin] of this.#pins) {
      if (this.#panes <= MAX_PANES && this.#pins.size <= MAX_PINS && now < pin.readAt + KEPT_MS) break;
      this.drop(oldest);
    }
    return name;
  }

  /** Null: not kept any more. */
  get(name: string): { readonly merged: MergedPanes; readonly readAt: number } | null {
    const pin = this.#pins.get(name);
    if (pin === undefined) return null;
    if (this.#clock.now() < pin.readAt + KEPT_MS) return pin;
    this.drop(name);
    return null;
  }

  /** Fine when it is gone. */
  drop(name: string): void {
    this.#panes -= this.#pins.get(name)?.merged.panes.rows ?? 0;
    this.#pins.delete(name);
  }
}
