import { SensorEvents } from '@twofold/event-generator';
import { answerRows, BatchReader, ByteCache } from '@twofold/serving-api';
import { runSpeedLayer } from '@twofold/speed-layer';
import type { ViewStore } from '@twofold/view-store';
import { encodeKey } from '@twofold/views';
import { sensorSeconds, makeLog, silent, TOPIC, type BenchLog } from './bench-log.ts';
import { quantile } from './http-load.ts';
import { measure, type Measurement } from './measure.ts';
import { newStore } from './w1.ts';

const RATE = 10_000;
/** Messages are sent in portions, as a client that batches for this long would. */
const PORTION_MS = 10;
const PROBE_MS = 50;
const POLL_MS = 2;
const PROBE = 'probe';
/** A probe's vibration is its number divided by this, so that an hour of probes stays within the field's bounds. */
const PROBES_A_UNIT = 128;

/** Freshness at 10,000 messages a second: log, speed layer and merged answers in one process, everything durable. */
export async function w7(seconds: number): Promise<Measurement[]> {
  const start = Date.now();
  const events = new SensorEvents({ ratePerSecond: RATE, startMs: start });
  const bench = await makeLog(0, events);
  const store = await newStore(bench, sensorSeconds);
  const stop = new AbortController();
  const ports = { log: bench.log, store, clock: bench.clock, logger: silent };
  const layer = runSpeedLayer(
    { streams: [{ stream: sensorSeconds.stream, topic: TOPIC }], views: [sensorSeconds] },
    ports,
    stop.signal,
  );
  try {
    const run = new FreshnessRun(bench, store, start);
    const workload = `W7 freshness at ${RATE.toLocaleString('en')} messages a second`;
    const program = 'log + speed layer + answers, one process';
    return [await measure({ workload, program, unit: 'messages' }, () => run.run(events, seconds))];
  } finally {
    stop.abort();
    await layer.done;
    await store.close();
    await bench.close();
  }
}

/** Sends messages and probes, and looks for the probes in answers. Probe n has a vibration that tells n: the largest tells the newest. */
class FreshnessRun {
  readonly #bench: BenchLog;
  readonly #store: ViewStore;
  readonly #start: number;
  /** When each probe was sent, by number. */
  readonly #sent: number[] = [];
  readonly #freshness: number[] = [];
  readonly #memory: { readonly minute: number; readonly mb: number }[] = [];
  #over = false;

  constructor(bench: BenchLog, store: ViewStore, start: number) {
    this.#bench = bench;
    this.#store = store;
    this.#start = start;
  }

  async run(events: SensorEvents, seconds: number) {
    const end = performance.now() + seconds * 1_000;
    const [units] = await Promise.all([this.#send(events, end), this.#probe(end), this.#look()]);
    const sorted = Float64Array.from(this.#freshness).sort();
    const shown = [0.5, 0.99, 1].map(
      (share) => `${share === 1 ? 'max' : `p${share * 100}`} ${quantile(sorted, share).toFixed(0)} ms`,
    );
    const slope = slopeOf(this.#memory.slice(this.#memory.length >> 1));
    return {
      units,
      checksum: `${shown.join(', ')}; ${sorted.length} of ${this.#sent.length} probes seen; resident size ${slope.toFixed(1)} MB/min over the second half`,
    };
  }

  async #send(events: SensorEvents, end: number): Promise<number> {
    const started = performance.now();
    const pending: Promise<unknown>[] = [];
    let sent = 0;
    for (let now = started; now < end; now = performance.now()) {
      const due = Math.floor(((now - started) * RATE) / 1_000) - sent;
      if (due > 0) pending.push(this.#bench.log.append(TOPIC, events.take(due)));
      sent += due;
      await this.#bench.clock.sleep(PORTION_MS);
    }
    await Promise.all(pending);
    return sent;
  }

  async #probe(end: number): Promise<void> {
    const encoder = new TextEncoder();
    const pending: Promise<unknown>[] = [];
    for (let due = performance.now(); due < end; due += PROBE_MS) {
      const wait = due - performance.now();
      if (wait > 0) await this.#bench.clock.sleep(wait);
      const event = {
        sensor_id: PROBE,
        timestamp: Date.now(),
        temperature: 20,
        pressure: 100,
        vibration: this.#sent.length / PROBES_A_UNIT,
      };
      // Counted from when it was due, so that a sender that is held up hides nothing.
      this.#sent.push(due);
      const value = encoder.encode(JSON.stringify(event));
      pending.push(this.#bench.log.append(TOPIC, [{ key: encoder.encode(PROBE), value }]));
    }
    await Promise.all(pending);
    this.#over = true;
  }

  async #look(): Promise<void> {
    const { clock } = this.#bench;
    const cache = new ByteCache(64 * 2 ** 20);
    const ports = { store: this.#store, batch: new BatchReader(this.#store, cache), cache, clock };
    const request = {
      view: sensorSeconds,
      layer: 'MERGED',
      keys: [encodeKey(sensorSeconds, [PROBE])],
      grainMs: 60_000,
    } as const;
    const range = { from: this.#start - 60_000, to: this.#start + 3_600_000, release: null, positions: null };
    const began = performance.now();
    for (let seen = 0; !this.#over || seen < this.#sent.length;) {
      const { windows } = await answerRows({ ...request, ...range }, ports);
      const now = performance.now();
      for (const worst of windows.measures['worst'] ?? [])
        for (; seen <= Number(worst) * PROBES_A_UNIT && seen < this.#sent.length; seen++)
          this.#freshness.push(now - (this.#sent[seen] ?? 0));
      this.#memory.push({ minute: (now - began) / 60_000, mb: process.memoryUsage.rss() / 2 ** 20 });
      await clock.sleep(POLL_MS);
    }
  }
}

/** Least squares: megabytes a minute. */
function slopeOf(points: readonly { readonly minute: number; readonly mb: number }[]): number {
  const mean = (of: (point: { minute: number; mb: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const minute = mean((p) => p.minute);
  const mb = mean((p) => p.mb);
  return mean((p) => (p.minute - minute) * (p.mb - mb)) / mean((p) => (p.minute - minute) ** 2);
}
