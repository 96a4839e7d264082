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
  readonly #pins = new Map<string, { readonly merged: MergedPanes; readonly until: number }>();
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
    this.#pins.set(name, { merged, until: now + KEPT_MS });
    this.#panes += merged.panes.rows;
    for (const [oldest, pin] of this.#pins) {
      if (this.#panes <= MAX_PANES && this.#pins.size <= MAX_PINS && pin.until > now) break;
      this.#drop(oldest);
    }
    return name;
  }

  /** Null: not kept any more. */
  get(name: string): MergedPanes | null {
    const pin = this.#pins.get(name);
    if (pin === undefined) return null;
    if (pin.until > this.#clock.now()) return pin.merged;
    this.#drop(name);
    return null;
  }

  #drop(name: string): void {
    this.#panes -= this.#pins.get(name)?.merged.panes.rows ?? 0;
    this.#pins.delete(name);
  }
}
