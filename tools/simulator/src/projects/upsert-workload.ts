import type { AppendRecord } from '@twofold/event-log';
import type { EventSource } from '../model.ts';
import { Random } from '../rng.ts';

const START = Date.UTC(2026, 0, 1);
const encoder = new TextEncoder();

interface Sent {
  readonly id: string;
  readonly item: string;
}

/** Restatements with every fault that they have: late, repeated, of equal revision, of rows that are not there, malformed. */
export class UpsertWorkload implements EventSource {
  readonly #random: Random;
  readonly #revisions = new Map<string, number>();
  readonly #sent: Sent[] = [];
  readonly #duplicates: number;
  readonly #late: number;
  readonly #deletes: number;
  readonly #malformed: number;
  readonly #stepMs: number;
  readonly #items: number;
  #made = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#duplicates = this.#random.next() * 0.2;
    this.#late = this.#random.next() * 0.4;
    this.#deletes = this.#random.next() * 0.4;
    this.#malformed = this.#random.next() * 0.1;
    this.#stepMs = this.#random.pick([500, 5_000, 30_000]);
    this.#items = this.#random.int(3, 20);
  }

  take(many: number, reach: number): AppendRecord[] {
    return Array.from({ length: many }, () => this.#next(reach));
  }

  #next(reach: number): AppendRecord {
    const random = this.#random;
    const number = this.#made++;
    if (random.chance(this.#malformed))
      return { key: encoder.encode('i0'), value: random.chance(0.5) ? null : encoder.encode('{"id":') };
    const copied = random.chance(this.#duplicates) ? this.#sent.at(-random.int(1, reach)) : undefined;
    const sent = copied ?? { id: `p${number}`, item: `i${random.int(0, this.#items)}` };
    this.#sent.push(sent);
    return { key: encoder.encode(sent.item), value: encoder.encode(JSON.stringify(this.#restatement(sent, number))) };
  }

  #restatement({ id, item }: Sent, number: number): Record<string, unknown> {
    const random = this.#random;
    const highest = this.#revisions.get(item) ?? 0;
    const late = random.chance(this.#late);
    const revision = late ? Math.max(0, highest - random.int(0, 3)) : highest + random.int(1, 2);
    this.#revisions.set(item, Math.max(highest, revision));
    return {
      id,
      item,
      revision,
      op: random.chance(this.#deletes) ? 'delete' : random.pick(['insert', 'update', null]),
      token: `t${number}`,
      at: START + number * this.#stepMs - (random.chance(0.2) ? random.int(0, 7_200_000) : random.int(0, 20_000)),
      amount: random.chance(0.3) ? null : random.int(-1000, 1000),
      note: random.chance(0.3) ? null : random.int(0, 4),
    };
  }
}
