import type { Clock } from '@twofold/service';

/** Why a request is ended before it was answered. */
export type EndReason = 'TIMEOUT' | 'CLOSING' | 'CLIENT_GONE';

interface Open {
  readonly dueMs: number;
  readonly stop: (why: EndReason) => void;
}

/** The requests that are being answered: each is ended at its deadline, or when the server closes. One timer serves all. */
export class OpenRequests {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** By deadline: all have the same time. */
  readonly #open = new Set<Open>();
  readonly #closed = new AbortController();
  #watching = false;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * A request begins. `onStop` is called when it is ended by its deadline or by closing, after its signal was aborted.
   * `end` says that it is over: answered (null), or that the client has gone.
   */
  begin(onStop: (why: EndReason) => void): {
    readonly signal: AbortSignal;
    readonly end: (why: EndReason | null) => void;
  } {
    const controller = new AbortController();
    const request: Open = {
      dueMs: this.#clock.monotonic() + this.#timeoutMs,
      stop: (why) => {
        this.#open.delete(request);
        controller.abort(new DOMException(`The request was ended: ${why}`, 'AbortError'));
        onStop(why);
      },
    };
    this.#open.add(request);
    if (!this.#watching) void this.#watch();
    return {
      signal: controller.signal,
      end: (why) => {
        if (this.#open.delete(request) && why !== null)
          controller.abort(new DOMException(`The request was ended: ${why}`, 'AbortError'));
      },
    };
  }

  close(): void {
    for (const { stop } of [...this.#open]) stop('CLOSING');
    this.#closed.abort();
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    for (const { dueMs, stop } of this.#open) {
      const now = this.#clock.monotonic();
      if (dueMs <= now) stop('TIMEOUT');
      else {
        await this.#clock.sleep(dueMs - now, this.#closed.signal).catch(() => undefined);
        break;
      }
    }
    this.#watching = false;
    if (this.#open.size > 0 && !this.#closed.signal.aborted) void this.#watch();
  }
}
