import { StoreError } from '@twofold/view-store';
import type { Coverage } from './coverage.ts';
import { NO_FAULTS, type FaultRates } from './faults.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import { Random } from './rng.ts';

/** A write that lands late does so within so many milliseconds. */
const LATE_MS = 80;
/** One in so many that decide something comes much later: leases are over by then. */
const VERY_LATE_ONE_IN = 5;
const VERY_LATE_MS = 900;
/** A slow answer takes at most so long. */
const SLOW_ANSWER_MS = 600;
/** Of readers so many times more: what they are held against is that all of an answer is of one state. */
const PATIENT = 10;

/** What lies between a process and everything outside of it: time, loss, and not knowing. */
export class Network {
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #coverage: Coverage;
  rates: FaultRates;

  constructor(kernel: Kernel, rates: FaultRates, coverage: Coverage, seed: number) {
    this.#kernel = kernel;
    this.rates = rates;
    this.#coverage = coverage;
    this.#random = new Random(seed ^ 0x2545f491);
  }

  /** No more faults: what is under way still arrives. */
  calm(): void {
    this.rates = NO_FAULTS;
  }

  async read<T>(process: Process, what: string, call: () => Promise<T>, failure = unavailable): Promise<T> {
    await this.#travel(process, what);
    if (this.#random.chance(this.rates.readFails)) throw failure(what);
    const result = await settle(call);
    if (this.#random.chance(this.rates.slowAnswer * (process.patient ? PATIENT : 1))) {
      this.#coverage.slowAnswers++;
      await this.#kernel.delay(this.#random.int(LATE_MS, SLOW_ANSWER_MS), `${process.name}: slow answer to ${what}`);
    }
    await process.wait();
    return result();
  }

  /** Is a batch write lost that is acknowledged? */
  losesBatchWrite(): boolean {
    if (!this.#random.chance(this.rates.batchWriteLost)) return false;
    this.#coverage.batchWritesLost++;
    return true;
  }

  /** An idempotent write: it may fail before or after it was applied, or be applied after it failed. */
  async write<T>(process: Process, what: string, call: () => Promise<T>, failure = unavailable): Promise<T> {
    const sent = this.#send(process, what);
    await sent;
    if (process.replaced) this.#coverage.zombieWrites++;
    if (this.#random.chance(this.rates.writeFailsBefore)) {
      await process.wait();
      throw failure(what);
    }
    if (this.#random.chance(this.rates.writeIsLate)) {
      this.#later(what, call);
      await process.wait();
      throw failure(what);
    }
    const result = await settle(call);
    const lost = this.#random.chance(this.rates.writeFailsAfter);
    await this.#answer(process, what);
    if (lost) throw failure(what);
    return result();
  }

  /** A compare-and-set: it may not be known whether it was applied, or will be. */
  async decide<T>(process: Process, what: string, call: () => Promise<T>): Promise<T> {
    await this.#send(process, what);
    if (this.#random.chance(this.rates.casUnknown)) {
      this.#coverage.unknownOutcomes++;
      const fate = this.#random.int(0, 2);
      if (fate === 0) await settle(call);
      if (fate === 1) this.#later(what, call, this.#random.int(1, VERY_LATE_ONE_IN) === 1 ? VERY_LATE_MS : LATE_MS);
      await this.#answer(process, what);
      throw new StoreError('OUTCOME_UNKNOWN', `${what}: no answer`);
    }
    const result = await settle(call);
    await this.#answer(process, what);
    return result();
  }

  #later(what: string, call: () => Promise<unknown>, withinMs = LATE_MS): void {
    this.#coverage.lateWrites++;
    this.#kernel.at(this.#random.int(1, withinMs), `late ${what}`, () => {
      // Nobody waits for it any more; a store that was lost meanwhile refuses it.
      call().catch(() => undefined);
    });
  }

  async #travel(process: Process, what: string): Promise<void> {
    await process.wait();
    await this.#kernel.delay(this.#latency(), `${process.name}: ${what}`);
    await process.wait();
  }

  /** What was sent arrives also when its sender died or stands still meanwhile. */
  async #send(process: Process, what: string): Promise<void> {
    await process.wait();
    await this.#kernel.delay(this.#latency(), `${process.name}: ${what}`);
  }

  async #answer(process: Process, what: string): Promise<void> {
    if (this.#random.chance(0.3)) await this.#kernel.delay(this.#latency(), `${process.name}: answer to ${what}`);
    await process.wait();
  }

  #latency(): number {
    return this.#random.chance(this.rates.slowCall) ? this.#random.int(5, LATE_MS) : this.#random.int(0, 2);
  }
}

export function unavailable(what: string): Error {
  return new StoreError('STORE_UNAVAILABLE', `${what}: no answer`, { retryable: true });
}

/** The outcome of a call now, to be handed over later. */
async function settle<T>(call: () => Promise<T>): Promise<() => T> {
  try {
    const value = await call();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
