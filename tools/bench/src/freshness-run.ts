import type { SensorEvents } from '@twofold/event-generator';
import { answerRows, BatchReader, ByteCache } from '@twofold/serving-api';
import type { ViewStore } from '@twofold/view-store';
import { encodeKey } from '@twofold/views';
import { sensorSeconds, TOPIC, type BenchLog } from './bench-log.ts';
import { quantile } from './http-load.ts';

/** Messages are sent in portions, as a client that batches for this long would. */
const PORTION_MS = 10;
const PROBE_MS = 50;
const POLL_MS = 2;
/** How long the last probes are waited for. */
const PATIENCE_MS = 10_000;
const PROBE = 'probe';
/** A probe's vibration is its number divided by this, so that an hour of probes stays within the field's bounds. */
const PROBES_A_UNIT = 128;
/** Small, so that it is full before the memory is judged. */
const CACHE_BYTES = 4 * 2 ** 20;
/** How far back answers reach. */
const RANGE_MS = 120_000;

/**
 * Sends messages and probes, and looks for the probes in answers. Probe n has a vibration that tells n: the largest
 * tells the newest. Its own memory does not grow while it runs.
 */
export class FreshnessRun {
  readonly #bench: BenchLog;
  readonly #store: ViewStore;
  readonly #ratePerSecond: number;
  /** When each probe was due, by number, and how long it took until it was in an answer. */
  readonly #due: Float64Array;
  readonly #freshness: Float64Array;
  #sent = 0;
  #seen = 0;
  readonly #pending = new Set<Promise<unknown>>();
  #over = false;

  constructor(bench: BenchLog, store: ViewStore, ratePerSecond: number, seconds: number) {
    this.#bench = bench;
    this.#store = store;
    this.#ratePerSecond = ratePerSecond;
    this.#due = new Float64Array(Math.ceil((seconds * 1_000) / PROBE_MS) + 1);
    this.#freshness = new Float64Array(this.#due.length);
  }

  /** Returns how many messages were sent. */
  async run(events: SensorEvents, seconds: number): Promise<number> {
    const end = performance.now() + seconds * 1_000;
    const [units] = await Promise.all([this.#send(events, end), this.#probe(end), this.#look()]);
    return units;
  }

  /** Median, 99 % and largest time from when a probe was due to the first answer that has it. */
  summary(): string {
    return `${this.#quantiles(0, this.#seen)}; ${this.#seen} of ${this.#sent} probes seen`;
  }

  /** The same of the probes of each minute, in order. */
  minutes(): string[] {
    const aMinute = 60_000 / PROBE_MS;
    const starts = Array.from({ length: Math.floor(this.#seen / aMinute) }, (_, minute) => minute * aMinute);
    return starts.map((start) => this.#quantiles(start, start + aMinute));
  }

  #quantiles(from: number, to: number): string {
    const sorted = this.#freshness.slice(from, to).sort();
    const shown = [0.5, 0.99, 1].map(
      (share) => `${share === 1 ? 'max' : `p${share * 100}`} ${quantile(sorted, share).toFixed(0)} ms`,
    );
    return shown.join(', ');
  }

  async #send(events: SensorEvents, end: number): Promise<number> {
    const started = performance.now();
    let sent = 0;
    for (let now = started; now < end; now = performance.now()) {
      const due = Math.floor(((now - started) * this.#ratePerSecond) / 1_000) - sent;
      if (due > 0) this.#append(events.take(due));
      sent += due;
      await this.#bench.clock.sleep(PORTION_MS);
    }
    await Promise.all(this.#pending);
    return sent;
  }

  #append(records: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]): void {
    const append = this.#bench.log.append(TOPIC, records).finally(() => this.#pending.delete(append));
    this.#pending.add(append);
  }

  async #probe(end: number): Promise<void> {
    const encoder = new TextEncoder();
    let timestamp = 0;
    for (let due = performance.now(); due < end; due += PROBE_MS) {
      const wait = due - performance.now();
      if (wait > 0) await this.#bench.clock.sleep(wait);
      // Two of one millisecond would be duplicates.
      timestamp = Math.max(timestamp + 1, Date.now());
      const event = {
        sensor_id: PROBE,
        timestamp,
        temperature: 20,
        pressure: 100,
        vibration: this.#sent / PROBES_A_UNIT,
      };
      // Counted from when it was due, so that a sender that is held up hides nothing.
      this.#due[this.#sent++] = due;
      this.#append([{ key: encoder.encode(PROBE), value: encoder.encode(JSON.stringify(event)) }]);
    }
    await Promise.all(this.#pending);
    this.#over = true;
  }

  async #look(): Promise<void> {
    const { clock } = this.#bench;
    const cache = new ByteCache(CACHE_BYTES);
    const ports = { store: this.#store, batch: new BatchReader(this.#store, cache), cache, clock };
    const request = {
      view: sensorSeconds,
      layer: 'MERGED',
      keys: [encodeKey(sensorSeconds, [PROBE])],
      grainMs: 60_000,
      release: null,
      positions: null,
    } as const;
    for (let left = PATIENCE_MS; left > 0 && (!this.#over || this.#seen < this.#sent);) {
      const minute = Math.floor(Date.now() / 60_000) * 60_000;
      const { windows } = await answerRows({ ...request, from: minute - RANGE_MS, to: minute + RANGE_MS }, ports);
      this.#note(windows.measures['worst'] ?? []);
      await clock.sleep(POLL_MS);
      if (this.#over) left -= POLL_MS;
    }
  }

  #note(worst: Iterable<unknown>): void {
    const now = performance.now();
    for (const newest of worst)
      for (; this.#seen <= Number(newest) * PROBES_A_UNIT && this.#seen < this.#sent; this.#seen++)
        this.#freshness[this.#seen] = now - (this.#due[this.#seen] ?? 0);
  }
}
