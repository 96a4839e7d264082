/** Dense ids for pairs of numbers, in order of first sight: open addressing over flat arrays. */
export class PairTable {
  size = 0;
  private firsts = new Float64Array(64);
  private seconds = new Float64Array(64);
  /** id + 1; 0 is free. */
  private table = new Int32Array(128);

  /** Neither is NaN or -0. */
  intern(first: number, second: number): number {
    const { table, firsts, seconds } = this;
    const mask = table.length - 1;
    for (let place = hashOf(first, second) & mask; ; place = (place + 1) & mask) {
      const id = (table[place] ?? 0) - 1;
      if (id < 0) {
        table[place] = this.size + 1;
        return this.add(first, second);
      }
      if (firsts[id] === first && seconds[id] === second) return id;
    }
  }

  clear(): void {
    this.size = 0;
    this.table.fill(0);
  }

  private add(first: number, second: number): number {
    const id = this.size++;
    this.firsts[id] = first;
    this.seconds[id] = second;
    if (this.size === this.firsts.length) this.grow();
    return id;
  }

  private grow(): void {
    this.firsts = doubled(this.firsts);
    this.seconds = doubled(this.seconds);
    const table = new Int32Array(this.table.length * 2);
    const mask = table.length - 1;
    for (let id = 0; id < this.size; id++) {
      let place = hashOf(this.firsts[id] ?? 0, this.seconds[id] ?? 0) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = id + 1;
    }
    this.table = table;
  }
}

function doubled(from: Float64Array): Float64Array<ArrayBuffer> {
  const into = new Float64Array(from.length * 2);
  into.set(from);
  return into;
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
