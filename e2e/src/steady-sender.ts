import type { WritablePlatform } from '@twofold/cli';
import { Prng, SensorEvents, type SensorMessage } from '@twofold/event-generator';
import { sleep } from './until.ts';

export interface SenderSettings {
  readonly seed: number;
  readonly ratePerSecond: number;
}

/**
 * Sends sensor readings at a steady rate, some of them twice; what was not acknowledged is sent again, as a producer does.
 * It repeats by itself: an event that the generator repeats may stand on the other side of a pause, in which partitions were
 * added, and counts twice then, in two of them (E9).
 */
export class SteadySender {
  /** Distinct well-formed events that the log acknowledged. */
  acknowledged = 0;
  /** Sends whose outcome was unknown or that failed, and that were repeated. */
  repeated = 0;
  readonly #events: SensorEvents;
  readonly #append: (records: readonly { key: Uint8Array; value: Uint8Array }[]) => Promise<unknown>;
  readonly #tickSize: number;
  readonly #random: Prng;
  /** Of those since the last pause, some. */
  #recent: SensorMessage[] = [];
  #last: readonly SensorMessage[] = [];
  /** Resolves when sending may go on. */
  #gate = Promise.resolve();
  #sending = Promise.resolve();
  #stop = false;
  readonly #done: Promise<void>;
  readonly #begun = performance.now();

  constructor(platform: WritablePlatform, topic: string, { seed, ratePerSecond }: SenderSettings) {
    this.#events = new SensorEvents({ seed, sensors: 200, ratePerSecond, malformed: 0.001, duplicate: 0 });
    this.#random = new Prng(seed);
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
      this.#recent = [];
      return await work();
    } finally {
      open();
    }
  }

  async #run(): Promise<void> {
    for (let tick = 1; !this.#stop; tick++) {
      await this.#gate;
      this.#sending = this.#send(this.#next());
      await this.#sending;
      const aheadMs = this.#begun + tick * TICK_MS - performance.now();
      if (aheadMs > 0) await sleep(aheadMs);
    }
  }

  #next(): SensorMessage[] {
    const batch = this.#events.take(this.#tickSize);
    for (const message of batch) {
      if (message.kind !== 'EVENT') continue;
      if (this.#recent.length < RECENT) this.#recent.push(message);
      else this.#recent[this.#random.below(RECENT)] = message;
    }
    const again = this.#recent[this.#random.below(Math.max(1, this.#recent.length))];
    const repeats = again !== undefined && this.#random.chance(REPEATS);
    return repeats ? [...batch, { ...again, kind: 'DUPLICATE' }] : batch;
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
/** So many messages of before may be repeated. */
const RECENT = 1_000;
/** Share of ticks with an event that is sent again. */
const REPEATS = 0.02;
