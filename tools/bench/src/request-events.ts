import { Prng } from '@twofold/event-generator';
import { boolean, decimal, enumeration, instant, int, stream, text, type ShapesOf } from '@twofold/schemas';
import type { EventFields } from '@twofold/views';

export const REGIONS = Array.from({ length: 10 }, (_, n) => `region-${n}`);
export const KINDS = ['view', 'search', 'order', 'login', 'other'] as const;
export const STATUSES = [200, 204, 301, 404, 500] as const;
/** One past the largest `bytes`; all values below it are as likely. */
export const BYTES = 1_000_000;
const DEVICES = 2_000;

/** What the benchmarks of many views read: every value of a field is as likely as another, so that a condition's share is known. */
export const requests = stream('requests', {
  fields: {
    device: text().maxLength(16),
    at: instant('ms'),
    region: text().maxLength(16),
    kind: enumeration(KINDS),
    status: int().between(100, 599),
    bytes: int().between(0, BYTES),
    took: decimal(3).between(0, 10),
    cached: boolean(),
  },
  id: ['device', 'at'],
  eventTime: 'at',
  partitionKey: 'device',
  sliceSize: 2 ** 17,
});

export type RequestFields = EventFields<ShapesOf<typeof requests>>;

const encoder = new TextEncoder();
const START_MS = Date.UTC(2026, 0, 1);

/** Requests of devices in turn, at a steady rate of event time. */
export class RequestEvents {
  readonly #random = new Prng(7);
  readonly #periodMs: number;
  readonly #startMs: number;
  #sent = 0;

  /**
   * @param ratePerSecond of event time; at most a thousand for each device, or two would be of one millisecond
   * @param second of a minute, at which they begin
   */
  constructor(ratePerSecond: number, second = 0) {
    this.#periodMs = 1_000 / ratePerSecond;
    this.#startMs = START_MS + second * 1_000;
  }

  take(count: number): { readonly key: Uint8Array; readonly value: Uint8Array }[] {
    return Array.from({ length: count }, () => this.#next());
  }

  #next(): { readonly key: Uint8Array; readonly value: Uint8Array } {
    const random = this.#random;
    const n = this.#sent++;
    const device = `device-${n % DEVICES}`;
    const at = this.#startMs + Math.floor(n * this.#periodMs);
    const one = <T>(items: readonly T[]): T | undefined => items[random.below(items.length)];
    const took = (random.below(10_000) / 1_000).toFixed(3);
    const json =
      `{"device":"${device}","at":${at},"region":"${String(one(REGIONS))}","kind":"${String(one(KINDS))}",` +
      `"status":${String(one(STATUSES))},"bytes":${random.below(BYTES)},"took":${took},"cached":${random.chance(0.5)}}`;
    return { key: encoder.encode(device), value: encoder.encode(json) };
  }
}
