import type { AppendRecord } from '@twofold/event-log';
import type { EventSource, Topic } from './model.ts';
import type { World } from './world.ts';

/** Attempts at one batch of records that may fail; the next one does not. */
const ATTEMPTS = 5;
const LATE_MS = 80;

/** Sends events to one topic until none are left, as a producer that retries whatever it is not sure of. */
export class Producer {
  readonly #world: World;
  readonly #topic: Topic;
  readonly #events: EventSource;
  readonly #total: number;
  readonly #everyMs: number;
  #left: number;

  constructor(world: World, topic: number, durationMs: number) {
    const { random, truth, model, seed } = world;
    const found = model.topics[topic];
    if (found === undefined) throw new RangeError(`no topic ${topic}`);
    this.#world = world;
    this.#topic = found;
    this.#events = model.events(topic, seed);
    const [fewest, most] = model.size.eventsPerPartition;
    this.#total = random.int(fewest, most) * (truth.partitions.get(found.stream.name)?.length ?? 1);
    this.#left = this.#total;
    this.#everyMs = durationMs * 0.9;
  }

  start(): void {
    this.#world.kernel.at(this.#world.random.int(0, 100), `${this.#topic.topic} sends`, () => this.#send());
  }

  /** Sends so many events, whatever was to be sent. Resolves when all have arrived. */
  async sendNow(count: number): Promise<void> {
    await this.#deliver(this.#take(count));
  }

  /** Sends records that are none of its own, a little later. */
  sendLater(records: readonly AppendRecord[], withinMs: number): void {
    this.#later(records, 0, withinMs);
  }

  get stream(): string {
    return this.#topic.stream.name;
  }

  #send(): void {
    const { random, kernel, model } = this.#world;
    const [fewest, most] = model.size.recordsPerSend;
    const some = Math.min(this.#left, random.int(fewest, most));
    this.#left -= some;
    const control = random.chance(0.1) ? random.int(1, 5) : 0;
    this.#deliver(this.#take(some))
      .then(() => this.#addControl(control))
      .catch((error: unknown) => this.#world.observer.fail('UNEXPECTED', String(error)));
    if (this.#left > 0)
      kernel.at((this.#everyMs * some) / this.#total, `${this.#topic.topic} sends`, () => this.#send());
  }

  #take(count: number): AppendRecord[] {
    const { stream } = this.#topic;
    return this.#events.take(count, Math.ceil(1.6 * stream.dedupeHorizon), this.#world.logClock.now());
  }

  #addControl(count: number): void {
    if (count === 0) return;
    const { truth, log, random } = this.#world;
    const partitions = truth.partitions.get(this.#topic.stream.name)?.length ?? 1;
    truth.addControl(log, this.#topic, random.int(0, partitions - 1), count);
  }

  /** Until the log says that it has them: what was appended without an answer is appended once more. */
  async #deliver(records: readonly AppendRecord[]): Promise<void> {
    const { random, network, kernel, coverage } = this.#world;
    this.#world.sending++;
    let appended = 0;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (random.chance(network.rates.appendFails)) {
        await kernel.delay(random.int(1, 50), `${this.#topic.topic} sends again`);
        continue;
      }
      if (!random.chance(network.rates.appendUnknown)) break;
      coverage.appendsUnknown++;
      const some = random.chance(0.5) ? records : records.slice(0, random.int(0, records.length));
      if (random.chance(0.3)) this.#later(some, some.length, LATE_MS);
      else await this.#append(some, appended);
      appended = Math.max(appended, some.length);
      await kernel.delay(random.int(1, 50), `${this.#topic.topic} sends again`);
    }
    await this.#append(records, appended);
    this.#world.sending--;
  }

  #later(records: readonly AppendRecord[], repeated: number, withinMs: number): void {
    const { random, kernel, observer } = this.#world;
    this.#world.sending++;
    kernel.at(random.int(1, withinMs), `late append to ${this.#topic.topic}`, () => {
      this.#append(records, repeated)
        .catch((error: unknown) => observer.fail('UNEXPECTED', String(error)))
        .finally(() => this.#world.sending--);
    });
  }

  /** @param repeated so many of the first records may be in the log already */
  async #append(records: readonly AppendRecord[], repeated: number): Promise<void> {
    const { truth, log, logClock, coverage } = this.#world;
    if (records.length === 0) return;
    const classified = await truth.append(log, this.#topic, records, logClock.now());
    this.#world.repeats.appended(this.#topic.stream, classified);
    coverage.recordsRepeated += Math.min(repeated, records.length);
    for (const record of classified) {
      if (repeated > 0 && record.class === 'duplicate') coverage.repeatsDropped++;
      if (record.class === 'rejected' && record.code === 'FUTURE_EVENT_TIME') coverage.aheadRejected++;
    }
  }
}
