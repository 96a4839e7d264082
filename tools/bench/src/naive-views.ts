import type { LogReader } from '@twofold/event-log';
import { TOPIC } from './bench-log.ts';
import { ColumnSums } from './column-sums.ts';
import type { PlainView, Request } from './many-views.ts';
import type { Outcome } from './measure.ts';
import { requests } from './request-events.ts';

interface Pane {
  readonly start: number;
  n: number;
  bytes: number;
  /** Milliseconds, as the stream's decimals are. */
  slowest: number;
}

const HORIZON = requests.dedupeHorizon;

/** Many views as most would write them: each message is parsed once, and each view has a condition and a `Map` of objects. */
export class NaiveViews {
  readonly #views: readonly (PlainView & { readonly panes: Map<string, Pane> })[];
  readonly #seen = new Map<string, number>();

  constructor(views: readonly PlainView[]) {
    this.#views = views.map((of) => ({ ...of, panes: new Map<string, Pane>() }));
  }

  /** A pane's part of the checksum. */
  static note(sums: ColumnSums, start: number, values: readonly number[]): void {
    sums.add(0, start);
    for (const [i, value] of values.entries()) sums.add(i + 1, value);
  }

  async run(log: LogReader): Promise<Outcome> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const end = (await log.partitions(TOPIC))[0]?.end ?? 0;
    const cursor = log.open(TOPIC, 0);
    for (let at = 0; at < end;) {
      const batch = await cursor.read(at, { maxBytes: 1 << 20, to: end });
      for (let row = 0; row < batch.count; row++) {
        const from = batch.valueStarts[row] ?? -1;
        if (from < 0) continue;
        const request = JSON.parse(decoder.decode(batch.bytes.subarray(from, batch.valueEnds[row]))) as Request;
        if (!this.#repeated(`${request.device}|${request.at}`, batch.offsets[row] ?? 0)) this.#take(request);
      }
      at = batch.nextOffset;
    }
    await cursor.close();
    return { units: end, checksum: () => this.#checksum() };
  }

  #take(request: Request): void {
    const took = Math.round(request.took * 1_000);
    for (const { where, key, paneMs, panes } of this.#views) {
      if (!where(request)) continue;
      const start = request.at - (request.at % paneMs);
      const name = `${key(request)}|${start}`;
      let pane = panes.get(name);
      if (pane === undefined) panes.set(name, (pane = { start, n: 0, bytes: 0, slowest: 0 }));
      pane.n++;
      pane.bytes += request.bytes;
      if (took > pane.slowest) pane.slowest = took;
    }
  }

  #repeated(id: string, offset: number): boolean {
    const before = this.#seen.get(id);
    this.#seen.set(id, offset);
    if (this.#seen.size > 4 * HORIZON)
      for (const [old, at] of this.#seen) if (at < offset - HORIZON) this.#seen.delete(old);
    return before !== undefined && before >= offset - HORIZON;
  }

  #checksum(): string {
    const sums = new ColumnSums();
    let [matching, panes] = [0, 0];
    for (const { panes: of } of this.#views) {
      panes += of.size;
      for (const { start, n, bytes, slowest } of of.values()) {
        matching += n;
        NaiveViews.note(sums, start, [n, bytes, slowest]);
      }
    }
    return `${matching} matching, ${panes} panes, ${sums.toString()}`;
  }
}
