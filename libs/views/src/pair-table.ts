import { grown } from './grown.ts';

/** Places that are kept at the most for pairs of small numbers. */
const mostPlaces = 1 << 18;

/**
 * Dense ids for pairs of numbers, in order of first sight. Pairs of small whole numbers, as ids of dictionaries are, have
 * a place each, as long as those are few; others are found by open addressing. Flat arrays all of it.
 */
export class PairTable {
  size = 0;
  private firsts = new Float64Array(64);
  private seconds = new Float64Array(64);
  /** id + 1 by `(first + 1) * across + second + 1`; 0 is free. */
  private places = new Int32Array(0);
  /** Numbers from -1 to below `down - 1` and `across - 1` have a place. */
  private down = 0;
  private across = 0;
  /** id + 1 by hash, of pairs that had no place when they came; 0 is free. */
  private table = new Int32Array(128);
  private hashed = 0;

  /** Neither is NaN or -0. */
  intern(first: number, second: number): number {
    const row = (first + 1) | 0;
    const column = (second + 1) | 0;
    const isWhole = row - 1 === first && column - 1 === second;
    if (!isWhole || row < 0 || row >= this.down || column < 0 || column >= this.across)
      return this.internElsewhere(first, second);
    const place = row * this.across + column;
    const id = (this.places[place] ?? 0) - 1;
    if (id >= 0) return id;
    this.places[place] = this.size + 1;
    return this.add(first, second);
  }

  /**
   * The ids of `count` pairs, as `intern` gives them, into `firsts`.
   * @param inPlaceOfNaN what a NaN stands for
   */
  internAll(firsts: Float64Array, seconds: Float64Array, count: number, inPlaceOfNaN: number): void {
    const { places, down, across } = this;
    for (let i = 0; i < count; i++) {
      const first = firsts[i] ?? 0;
      const second = seconds[i] ?? 0;
      const row = (first + 1) | 0;
      const column = (second + 1) | 0;
      const isWhole = row - 1 === first && column - 1 === second;
      const hasPlace = isWhole && row >= 0 && row < down && column >= 0 && column < across;
      // Where there are other places meanwhile, all that had one has one there, and `intern` finds what is not here.
      const id = hasPlace ? (places[row * across + column] ?? 0) - 1 : -1;
      if (id >= 0) firsts[i] = id;
      else firsts[i] = this.intern(first === first ? first : inPlaceOfNaN, second === second ? second : inPlaceOfNaN);
    }
  }

  clear(): void {
    this.size = 0;
    this.places.fill(0);
    if (this.hashed > 0) this.table.fill(0);
    this.hashed = 0;
  }

  private internElsewhere(first: number, second: number): number {
    if (this.makePlaces(first, second)) return this.intern(first, second);
    const { table, firsts, seconds } = this;
    const mask = table.length - 1;
    for (let at = hashOf(first, second) & mask; ; at = (at + 1) & mask) {
      const id = (table[at] ?? 0) - 1;
      if (id < 0) {
        table[at] = this.size + 1;
        const fresh = this.add(first, second);
        if (++this.hashed * 2 > table.length) this.rehash();
        return fresh;
      }
      if (firsts[id] === first && seconds[id] === second) return id;
    }
  }

  private add(first: number, second: number): number {
    const id = this.size++;
    if (id === this.firsts.length) {
      this.firsts = grown(this.firsts, new Float64Array(id * 2));
      this.seconds = grown(this.seconds, new Float64Array(id * 2));
    }
    this.firsts[id] = first;
    this.seconds[id] = second;
    return id;
  }

  /** Makes places for a pair that has none, and moves those that are known to theirs; false: they would be too many. */
  private makePlaces(first: number, second: number): boolean {
    if (!isSmall(first) || !isSmall(second)) return false;
    const down = Math.max(this.down, powerAbove(first + 1));
    const across = Math.max(this.across, powerAbove(second + 1));
    if (down * across > mostPlaces) return false;
    this.down = down;
    this.across = across;
    this.places = new Int32Array(down * across);
    for (let id = 0; id < this.size; id++) {
      const [row, column] = [(this.firsts[id] ?? 0) + 1, (this.seconds[id] ?? 0) + 1];
      if (this.hasPlace(id)) this.places[row * across + column] = id + 1;
    }
    return true;
  }

  private hasPlace(id: number): boolean {
    const [first = NaN, second = NaN] = [this.firsts[id], this.seconds[id]];
    return isSmall(first) && isSmall(second) && first + 1 < this.down && second + 1 < this.across;
  }

  private rehash(): void {
    this.table = new Int32Array(this.table.length * 2);
    const { table } = this;
    const mask = table.length - 1;
    this.hashed = 0;
    for (let id = 0; id < this.size; id++) {
      if (this.hasPlace(id)) continue;
      let at = hashOf(this.firsts[id] ?? 0, this.seconds[id] ?? 0) & mask;
      while (table[at] !== 0) at = (at + 1) & mask;
      table[at] = id + 1;
      this.hashed++;
    }
  }
}

/** Could it have a place, if there is room? */
function isSmall(value: number): boolean {
  return Number.isInteger(value) && value >= -1 && value < mostPlaces;
}

/** The least power of two above a small number. */
function powerAbove(value: number): number {
  return 2 ** (32 - Math.clz32(value));
}

const two32 = 2 ** 32;

function hashOf(first: number, second: number): number {
  const mixed = Math.imul(Math.imul(bitsOf(first), 0x9e3779b1) ^ bitsOf(second), 0x165667b1);
  return mixed ^ (mixed >>> 15);
}

/** All bits of an integer, in 32: texts are small numbers, instants large ones that differ in their middle. */
function bitsOf(value: number): number {
  const low = value | 0;
  return low === value ? low : low ^ Math.imul((value / two32) | 0, 0x27d4eb2f);
}
