import type { LogReader } from '@twofold/event-log';
import { TOPIC, sensorReadings } from './bench-log.ts';
import { ColumnSums } from './column-sums.ts';
import type { Outcome } from './measure.ts';

interface Pane {
  readonly sensor: string;
  readonly start: number;
  n: number;
  t: number;
  p: number;
  v: number;
  vv: number;
  max: number;
}

interface Message {
  readonly sensor_id?: unknown;
  readonly timestamp?: unknown;
  readonly temperature?: unknown;
  readonly pressure?: unknown;
  readonly vibration?: unknown;
}

/** Vibration is counted in whole quanta of 2^-20, rounded down, as the stream declares: squares of doubles are exact then. */
const QUANTA = 2 ** 20;
const HORIZON = sensorReadings.dedupeHorizon;

/** W1 as most would write it: `JSON.parse` and a `Map` of objects, in memory only; rejects and dedupes as the stream declares. */
export class NaiveFold {
  readonly #panes = new Map<string, Pane>();
  readonly #seen = new Map<string, number>();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #rows = 0;

  async run(log: LogReader): Promise<Outcome> {
    const end = (await log.partitions(TOPIC))[0]?.end ?? 0;
    const cursor = log.open(TOPIC, 0);
    for (let at = 0; at < end;) {
      const batch = await cursor.read(at, { maxBytes: 1 << 20, to: end });
      for (let row = 0; row < batch.count; row++) {
        const from = batch.valueStarts[row] ?? -1;
        if (from >= 0) this.#take(batch.bytes.subarray(from, batch.valueEnds[row]), batch.offsets[row] ?? 0);
      }
      at = batch.nextOffset;
    }
    await cursor.close();
    return { units: end, checksum: () => this.#checksum() };
  }

  #take(bytes: Uint8Array, offset: number): void {
    let event: Message;
    try {
      event = JSON.parse(this.#decoder.decode(bytes)) as Message;
    } catch {
      return;
    }
    const { sensor_id: sensor, timestamp, temperature, pressure, vibration } = event;
    if (typeof sensor !== 'string' || typeof timestamp !== 'number' || typeof temperature !== 'number') return;
    if (typeof vibration !== 'number' || typeof pressure !== 'number' || !Number.isFinite(temperature)) return;
    if (this.#repeated(`${sensor}|${timestamp}`, offset)) return;
    this.#rows++;
    const start = timestamp - (timestamp % 1000);
    const key = `${sensor}|${start}`;
    let pane = this.#panes.get(key);
    if (pane === undefined) this.#panes.set(key, (pane = { sensor, start, n: 0, t: 0, p: 0, v: 0, vv: 0, max: 0 }));
    const quantised = Math.floor(vibration * QUANTA) / QUANTA;
    pane.n++;
    pane.t += temperature;
    pane.p += pressure;
    pane.v += quantised;
    pane.vv += quantised * quantised;
    if (quantised > pane.max) pane.max = quantised;
  }

  #repeated(id: string, offset: number): boolean {
    const before = this.#seen.get(id);
    this.#seen.set(id, offset);
    if (this.#seen.size > 4 * HORIZON)
      for (const [old, at] of this.#seen) if (at < offset - HORIZON) this.#seen.delete(old);
    return before !== undefined && before >= offset - HORIZON;
  }

  /** In the view's own units and order, so that it equals the speed rows' checksum. */
  #checksum(): string {
    const sums = new ColumnSums();
    for (const pane of this.#panes.values()) {
      const thousandths = (value: number): number => Math.round(value * 1000);
      const { start, n, t, p, v, vv, max } = pane;
      // Dimension, pane, rows, then sums and counts as the view's components: a pressure may be missing, so it has a count.
      const values = [start, n, thousandths(t), thousandths(p), n, v * QUANTA, vv * QUANTA * QUANTA, max * QUANTA];
      sums.addText(0, pane.sensor);
      for (const [i, value] of values.entries()) sums.add(i + 1, value);
    }
    return `${this.#rows} rows, ${this.#panes.size} panes, ${sums.toString()}`;
  }
}
