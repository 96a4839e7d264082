import type { AppendRecord } from '@twofold/event-log';
import type { EventSource } from '../model.ts';
import { Random } from '../rng.ts';
import { COLOURS } from './random-streams.ts';

/** New Year; an hour before clocks in Berlin go forward, and back; an hour before those in New York go back. */
const STARTS = [Date.UTC(2026, 0, 1), Date.UTC(2025, 2, 30), Date.UTC(2025, 9, 26), Date.UTC(2025, 10, 2, 5)];
const SKEW_MS = 300_000;
const encoder = new TextEncoder();
const LABELS = ['', 'a', 'ab', 'b', 'é', '\u{1f600}', 'zz', 'a"\\'];

interface Sent {
  readonly id: string;
  readonly device: string;
}

/** Events for `randomStream`: repeated, malformed, late, ahead of time, with and without optional values. */
export class RandomEvents implements EventSource {
  readonly #random: Random;
  readonly #devices: number;
  readonly #stepMs: number;
  readonly #start: number;
  readonly #rates: {
    readonly repeated: number;
    readonly malformed: number;
    readonly late: number;
    readonly ahead: number;
  };
  readonly #sent: Sent[] = [];
  #made = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    this.#random = random;
    this.#devices = random.int(3, 16);
    this.#stepMs = random.pick([200, 1_000, 8_000]);
    this.#start = random.pick(STARTS);
    const rate = (highest: number): number => random.next() * highest;
    this.#rates = { repeated: rate(0.2), malformed: rate(0.05), late: rate(0.15), ahead: rate(0.03) };
  }

  take(count: number, reach: number, now: number): AppendRecord[] {
    return Array.from({ length: count }, () => this.#next(reach, now));
  }

  #next(reach: number, now: number): AppendRecord {
    const random = this.#random;
    const number = this.#made++;
    const repeated = random.chance(this.#rates.repeated)
      ? this.#sent.at(-random.int(1, Math.max(1, reach)))
      : undefined;
    const sent = repeated ?? { id: `e${number}`, device: `d${random.int(1, this.#devices)}` };
    this.#sent.push(sent);
    const event = { ...sent, ...this.#values(), at: this.#time(number, now) };
    const value = random.chance(this.#rates.malformed) ? this.#bad(event) : encoder.encode(JSON.stringify(event));
    return { key: encoder.encode(sent.device), value };
  }

  #time(number: number, now: number): number {
    const random = this.#random;
    if (random.chance(this.#rates.ahead)) return now + random.pick([SKEW_MS - 1, SKEW_MS, SKEW_MS + 1, 2 * SKEW_MS]);
    return (
      this.#start +
      number * this.#stepMs -
      (random.chance(this.#rates.late) ? random.int(0, 3_600_000) : random.int(0, 5_000))
    );
  }

  #values(): Record<string, unknown> {
    const random = this.#random;
    const perhaps = <T>(value: T): T | null => (random.chance(0.15) ? null : value);
    return {
      level: perhaps(random.int(-1000, 1000)),
      price: random.int(-1_000_000, 1_000_000) / 100,
      force: perhaps(random.chance(0.1) ? random.pick([0, 1000, -1000, 2 ** -10]) : (random.next() - 0.5) * 100),
      on: perhaps(random.chance(0.5)),
      day: perhaps(`2026-01-0${random.int(1, 4)}`),
      colour: random.pick(COLOURS),
      part: perhaps(`00000000-0000-4000-8000-00000000000${random.int(0, 5)}`),
      label: perhaps(random.pick(LABELS)),
    };
  }

  #bad(event: object): Uint8Array | null {
    switch (this.#random.int(0, 4)) {
      case 0:
        return null;
      case 1:
        return encoder.encode(JSON.stringify(event).slice(0, -2));
      case 2:
        return encoder.encode(JSON.stringify({ ...event, price: 0.001 }));
      case 3:
        return encoder.encode(JSON.stringify({ ...event, colour: 'grey' }));
      default:
        return encoder.encode(JSON.stringify({ ...event, at: null }));
    }
  }
}
