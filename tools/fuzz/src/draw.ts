import { Prng } from '@twofold/event-generator';

/** What is drawn at random: the same seed draws the same. */
export class Draw {
  readonly #numbers: Prng;

  constructor(seed: number) {
    this.#numbers = new Prng(seed);
  }

  chance(rate: number): boolean {
    return this.#numbers.chance(rate);
  }

  /** A whole number with `from <= n <= to`. */
  int(from: number, to: number): number {
    return Math.min(to, from + Math.floor(this.#numbers.next() * (to - from + 1)));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.#numbers.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** One of these, made only when it is drawn. */
  one<T>(makers: readonly (() => T)[]): T {
    return this.pick(makers)();
  }

  /** So many of these, each once, in a random order. */
  some<T>(items: readonly T[], fewest: number, most: number): T[] {
    const left = [...items];
    const count = Math.min(items.length, this.int(fewest, most));
    return Array.from({ length: count }, () => left.splice(this.int(0, left.length - 1), 1)).flat();
  }

  /** An integer of a range: often an end, one near zero, a power of two or its neighbour. */
  integer(min: number, max: number): number {
    const power = (): number => (this.chance(0.5) ? 1 : -1) * 2 ** this.int(0, 53) + this.int(-1, 1);
    const value = this.one([
      () => this.int(-3, 3),
      () => this.int(-3, 3),
      () => this.int(-200, 200),
      () => this.pick([min, max]),
      power,
      () => this.int(min, max),
    ]);
    return Math.min(max, Math.max(min, value)) + 0;
  }
}
