/** What every service gets from outside, so that production, the embedded mode and the simulator run one code. */

export interface Clock {
  /** Wall clock, milliseconds since 1970. For people and for schedules; never decides a partial. */
  now(): number;
  /** Milliseconds that only rise; for waiting and measuring. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
}

export interface Ids {
  /** A new ULID: 26 characters, never used twice. */
  next(): string;
}

/** Tells somebody outside. Resolves when it was accepted; `id` lets the receiver drop repeats. */
export interface Notifier {
  notify(id: string, payload: unknown, signal?: AbortSignal): Promise<void>;
}

export interface Cron {
  /** Calls `wake` about when the UTC cron expression says so; late, missed and doubled calls are all allowed. Returns how to stop. */
  schedule(expression: string, wake: () => void): () => void;
}

export interface Logger {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}
