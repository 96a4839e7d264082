import type { Clock, Logger } from '@twofold/service';
import {
  StoreError,
  type DeadLetter,
  type LedgerEntry,
  type ProgressRecord,
  type SpeedRow,
  type ViewStore,
} from '@twofold/view-store';
import { OneBeside } from './one-beside.ts';

/** What one flush makes durable. */
export interface Flush {
  readonly rows: readonly SpeedRow[];
  readonly progress: readonly ProgressRecord[];
  readonly entries: readonly LedgerEntry[];
  readonly deadLetters: readonly DeadLetter[];
}

const RETRY_MS = 20;
const RETRY_MS_MAX = 1_000;

/**
 * Writes one flush at a time while the fold goes on: rows and ledger, then progress (E6). Every write is idempotent, so what
 * failed, or may have, is written again until it succeeds; a store that is gone ends the worker (E5).
 */
export class FlushQueue {
  readonly #store: ViewStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #writing = new OneBeside();
  #bytes = 0;

  constructor(store: ViewStore, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  get idle(): boolean {
    return this.#writing.idle;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  start(flush: Flush, signal: AbortSignal): void {
    if (flush.rows.length + flush.progress.length + flush.entries.length + flush.deadLetters.length === 0) return;
    for (const row of flush.rows) this.#bytes += row.bytes.byteLength;
    this.#writing.start(async () => {
      await this.#write(flush, signal).finally(() => {
        this.#bytes = 0;
      });
    });
  }

  /** Resolves when nothing is being written; throws what ended the last write. */
  settled(): Promise<void> {
    return this.#writing.settled();
  }

  async #write(flush: Flush, signal: AbortSignal): Promise<void> {
    const before: Promise<void>[] = [];
    if (flush.rows.length > 0)
      before.push(this.#persist('speed rows', () => this.#store.speedRows.write(flush.rows, signal), signal));
    if (flush.entries.length + flush.deadLetters.length > 0)
      before.push(
        this.#persist('ledger', () => this.#store.ledger.write(flush.entries, flush.deadLetters, signal), signal),
      );
    await Promise.all(before);
    if (flush.progress.length > 0)
      await this.#persist('progress', () => this.#store.progress.write(flush.progress, signal), signal);
  }

  async #persist(what: string, write: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        await write();
        return;
      } catch (error) {
        if (!(error instanceof StoreError) || !error.retryable) throw error;
        this.#logger.warn(`${what} could not be written, trying again in ${waitMs} ms`, { code: error.code });
      }
      await this.#clock.sleep(waitMs, signal);
    }
  }
}
