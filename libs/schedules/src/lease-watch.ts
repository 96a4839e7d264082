import type { JobRow } from './job-row.ts';

/**
 * Tells when a holder has shown no sign of life for a lease, on the watcher's own monotonic clock: however wall clocks
 * differ or jump, nobody's lease ends early.
 */
export class LeaseWatch {
  readonly #leaseMs: number;
  #fence = -1;
  #beat = -1;
  #since = 0;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** @param monotonic milliseconds that only rise, of one process */
  isOver(row: JobRow, monotonic: number): boolean {
    const beat = row.holder?.beat ?? -1;
    if (row.fence !== this.#fence || beat !== this.#beat) {
      this.#fence = row.fence;
      this.#beat = beat;
      this.#since = monotonic;
    }
    return row.holder !== null && monotonic - this.#since >= this.#leaseMs;
  }
}
