/**
 * A flush encodes the open slice whole, so what a frequent one makes is mostly what the last one made. Two flushes that took
 * long are followed by so many times as long of folding: fewer times when the log's end was seen since the last one. One
 * alone was mostly held up by other processes, and would make what waits for the next one later still.
 */
const FOLD_SHARE = { behind: 10, keepingUp: 4 } as const;
/** However long a flush takes, the next is not put off for longer. Nobody waits for the rows of a fold that is behind. */
const FLUSH_MS_MAX = { behind: 1_000, keepingUp: 500 } as const;

/** How long to fold until the next flush. */
export class FlushPace {
  readonly #flushMs: number;
  #tookMs = 0;
  #sawEnd = false;

  /** @param flushMs the least from one flush to the next */
  constructor(flushMs: number) {
    this.#flushMs = flushMs;
  }

  /** The log had nothing more. */
  sawEnd(): void {
    this.#sawEnd = true;
  }

  /** Milliseconds until the next flush, after one that took so many. */
  after(tookMs: number): number {
    const pace = this.#sawEnd ? 'keepingUp' : 'behind';
    const typicalMs = Math.min(tookMs, this.#tookMs);
    this.#tookMs = tookMs;
    this.#sawEnd = false;
    return Math.max(this.#flushMs, Math.min(FOLD_SHARE[pace] * typicalMs, FLUSH_MS_MAX[pace]));
  }
}
