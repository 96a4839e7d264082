import type { AppendRecord } from '@twofold/event-log';
import { Random } from './rng.ts';

/** New Year; an hour before clocks in Berlin go forward, and back; an hour before those in New York go back. */
const STARTS = [Date.UTC(2026, 0, 1), Date.UTC(2025, 2, 30), Date.UTC(2025, 9, 26), Date.UTC(2025, 10, 2, 5)];
const encoder = new TextEncoder();

interface Sent {
  readonly id: string;
  readonly key: string;
}

/** Clicks allow five minutes (E11); orders any time. */
const SKEW_MS = 300_000;

/** Events with every fault that a log holds: repeated near and far, malformed, late, ahead of time, without key. */
export class Workload {
  readonly #random: Random;
  readonly #name: string;
  readonly #duplicates: number;
  readonly #malformed: number;
  readonly #late: number;
  readonly #ahead: number;
  readonly #stepMs: number;
  readonly #start: number;
  readonly #sent: Sent[] = [];
  #made = 0;

  constructor(name: string, seed: number) {
    this.#random = new Random(seed);
    this.#name = name;
    this.#duplicates = this.#random.next() * 0.3;
    this.#malformed = this.#random.next() * 0.1;
    this.#late = this.#random.next() * 0.15;
    this.#ahead = this.#random.next() * 0.1;
    this.#stepMs = this.#random.pick([500, 5_000, 60_000]);
    this.#start = this.#random.pick(STARTS);
  }

  take(count: number, reach: number, now: number): AppendRecord[] {
    return Array.from({ length: count }, () => this.#next(reach, now));
  }

  #next(reach: number, now: number): AppendRecord {
    const random = this.#random;
    const number = this.#made++;
    if (random.chance(this.#malformed))
      return { key: encoder.encode(`k${random.int(0, 4)}`), value: this.#bad(number) };
    const copied = random.chance(this.#duplicates) ? this.#sent.at(-random.int(1, reach)) : undefined;
    const sent = copied ?? { id: `${this.#name}${number}`, key: `k${random.int(0, 4)}` };
    this.#sent.push(sent);
    return { key: encoder.encode(sent.key), value: encoder.encode(JSON.stringify(this.#event(sent, number, now))) };
  }

  #event(sent: Sent, number: number, now: number): Record<string, unknown> {
    const random = this.#random;
    // Some just the gap of a session apart.
    const near = random.chance(0.4) ? random.int(0, 4) * 5_000 : random.int(0, 20_000);
    const late = random.chance(this.#late) ? random.int(0, 7_200_000) : near;
    // By a clock that is ahead: just allowed, just not, allowed when it is sent again a little later, far off.
    const skewMs = random.pick([SKEW_MS - 1, SKEW_MS, SKEW_MS + 1, SKEW_MS + 10, 2 * SKEW_MS]);
    const at = random.chance(this.#ahead) ? now + skewMs : this.#start + number * this.#stepMs - late;
    const amount = random.chance(0.1) ? 13 : random.int(-1000, 1000);
    // A copy has its original's id and a token of its own: counting both shows.
    return { id: sent.id, key: sent.key, token: `t${number}`, at, amount };
  }

  /** Some bad messages carry an id that was sent, or will be repeated: a rejected one makes no duplicate. */
  #bad(number: number): Uint8Array | null {
    const id = this.#random.chance(0.5) ? (this.#sent.at(-1)?.id ?? 'none') : `${this.#name}${number}`;
    const good = { id, key: 'k0', token: `t${number}`, at: this.#start, amount: 1 };
    switch (this.#random.int(0, 3)) {
      case 0:
        return null;
      case 1:
        return encoder.encode('{"id":');
      case 2:
        return encoder.encode(JSON.stringify({ ...good, amount: 'much' }));
      default:
        return encoder.encode(JSON.stringify({ ...good, at: null }));
    }
  }
}
