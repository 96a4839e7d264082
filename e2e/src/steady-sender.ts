import type { WritablePlatform } from '@twofold/cli';
import { SensorEvents, type SensorMessage } from '@twofold/event-generator';
import { sleep } from './until.ts';

export interface SenderSettings {
  readonly seed: number;
  readonly ratePerSecond: number;
}

/** Sends sensor readings at a steady rate; what was not acknowledged is sent again, as a producer does. */
export class SteadySender {
  /** Distinct well-formed events that the log acknowledged. */
  acknowledged = 0;
  /** Sends whose outcome was unknown or that failed, and that were repeated. */
  repeated = 0;
  readonly #events: SensorEvents;
  readonly #append: (records: readonly { key: Uint8Array; value: Uint8Array }[]) => Promise<unknown>;
  readonly #tickSize: number;
  #last: readonly SensorMessage[] = [];
  /** Resolves when sending may go on. */
  #gate = Promise.resolve();
  #sending = Promise.resolve();
  #stop = false;
  readonly #done: Promise<void>;
  readonly #begun = performance.now();

  constructor(platform: WritablePlatform, topic: string, { seed, ratePerSecond }: SenderSettings) {
    this.#events = new SensorEvents({ seed, sensors: 200, ratePerSecond, malformed: 0.001 });
    this.#append = (records) => platform.events.append(topic, records);
    this.#tickSize = Math.round((ratePerSecond * TICK_MS) / 1_000);
    this.#done = this.#run();
  }

  /** Resolves when all that was taken is acknowledged; gives the rate that was reached. */
  async stop(): Promise<number> {
    const tookMs = performance.now() - this.#begun;
    this.#stop = true;
    await this.#done;
    return (1_000 * this.acknowledged) / tookMs;
  }

  /** Sends the last batch once more, as a producer does that lost its acknowledgement. */
  async repeat(): Promise<void> {
    await this.#append(this.#last);
  }

  /** Nothing is under way while `work` is done, and nothing from before is repeated after it. */
  async paused<T>(work: () => Promise<T>): Promise<T> {
    let open = (): void => undefined;
    this.#gate = new Promise((resolve) => (open = resolve));
    try {
      await this.#sending;
      this.#last = [];
      return await work();
    } finally {
      open();
    }
  }

  async #run(): Promise<void> {
    for (let tick = 1; !this.#stop; tick++) {
      await this.#gate;
      this.#sending = this.#send(this.#events.take(this.#tickSize));
      await this.#sending;
      const aheadMs = this.#begun + tick * TICK_MS - performance.now();
      if (aheadMs > 0) await sleep(aheadMs);
    }
  }

  async #send(batch: readonly SensorMessage[]): Promise<void> {
    for (let sent = false; !sent;)
      try {
        await this.#append(batch);
        sent = true;
      } catch {
        this.repeated++;
        await sleep(100);
      }
    this.acknowledged += batch.filter((message) => message.kind === 'EVENT').length;
    this.#last = batch;
  }
}

const TICK_MS = 50;
