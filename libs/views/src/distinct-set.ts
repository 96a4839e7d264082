import { ChunkError } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { comparePairs, isList, readPairs, usedOf, writeAll, writeList } from './distinct-forms.ts';
import type { Sketch } from './sketch-state.ts';

/** Precisions that a declaration can ask for. */
export const lowestPrecision = 4;
export const highestPrecision = 16;

/** A set of more values than this is kept as registers: about where both forms take the same room. */
export function exactLimit(precision: number): number {
  return 2 ** precision / 8;
}

/** The largest register: the trailing zeros of `60 - precision` bits, all of them 0, plus one. */
export function highestRegister(precision: number): number {
  return 61 - precision;
}

/**
 * A set of 60-bit hashes: the hashes themselves while it has at most `exactLimit`, else the registers of HyperLogLog,
 * a register for each value of the first `precision` bits: the most trailing zeros of the bits that follow, plus one.
 * A function of the set alone, whatever the order and grouping in which it was put together.
 */
export class DistinctSet implements Sketch<DistinctSet> {
  readonly precision: number;
  readonly limit: number;
  /** Null while the set is exact. */
  registers: Uint8Array | null = null;
  /** Hashes while it is exact. */
  size = 0;
  /** Rising: first and next 30 bits of each hash. */
  private pairs = noPairs;

  constructor(precision: number) {
    this.precision = precision;
    this.limit = exactLimit(precision);
  }

  add(high: number, low: number): void {
    if (this.registers !== null) {
      this.raise(this.registers, high, low);
      return;
    }
    const place = this.placeOf(high, low);
    if (place < this.size && this.pairs[place * 2] === high && this.pairs[place * 2 + 1] === low) return;
    if (this.size === this.limit) {
      this.raise(this.toRegisters(), high, low);
      return;
    }
    if (this.pairs.length < (this.size + 1) * 2) {
      const grown = new Int32Array(Math.min(Math.max(4, this.pairs.length * 2), this.limit * 2));
      grown.set(this.pairs);
      this.pairs = grown;
    }
    this.pairs.copyWithin(place * 2 + 2, place * 2, this.size * 2);
    this.pairs[place * 2] = high;
    this.pairs[place * 2 + 1] = low;
    this.size++;
  }

  merge(other: DistinctSet): void {
    if (other.registers === null) this.addPairs(other.pairs, other.size);
    else this.addRegisters(other.registers);
  }

  /*
   * In a chunk: a varint, which is the number of hashes while the set is exact, `limit + 1` for a list of registers
   * and `limit + 2` for all of them. Then
   *   exact  a hash: varint, its first half less that of the hash before; 4 bytes, little end first, its other half
   *   list   varint, how many; each: varint, (registers of 0 before it) · 64 + register. For at most 3/8 of them
   *   all    6 bits each, lowest bits first
   */
  write(into: ChunkWriter): void {
    const { registers, size, pairs, limit } = this;
    if (registers === null) {
      into.ensure(size * 9 + 9);
      into.varint(size);
      for (let i = 0; i < size; i++) {
        into.varint((pairs[i * 2] ?? 0) - (i === 0 ? 0 : (pairs[i * 2 - 2] ?? 0)));
        const low = pairs[i * 2 + 1] ?? 0;
        for (let shift = 0; shift < 32; shift += 8) into.byte((low >>> shift) & 255);
      }
      return;
    }
    const used = usedOf(registers);
    into.ensure(registers.length + 20 + used * 4);
    into.varint(limit + (isList(used, registers.length) ? 1 : 2));
    if (isList(used, registers.length)) writeList(into, registers, used);
    else writeAll(into, registers);
  }

  read(from: ChunkReader): void {
    const form = from.varint();
    if (form <= this.limit) this.addPairs(readPairs(from, form), form);
    else if (form === this.limit + 1) this.readList(from);
    else if (form === this.limit + 2) this.readAll(from);
    else throw from.damaged('has a set of no known form');
  }

  /** `e` and 15 hexadecimal digits a hash; or `r` and index · 64 + register of those above 0, by rising index. */
  text(): string {
    const { registers, pairs } = this;
    if (registers === null) {
      const hashes = Array.from({ length: this.size }, (_, i) =>
        ((BigInt(pairs[i * 2] ?? 0) << 30n) | BigInt(pairs[i * 2 + 1] ?? 0)).toString(16).padStart(15, '0'),
      );
      return `e${hashes.join('')}`;
    }
    const used: number[] = [];
    registers.forEach((register, index) => {
      if (register > 0) used.push(index * 64 + register);
    });
    return `r${used.join(',')}`;
  }

  addText(text: string): void {
    if (/^e([0-9a-f]{15})*$/.test(text)) {
      for (let at = 1; at < text.length; at += 15) {
        // 28 bits and 32: parts that are small integers.
        const first = Number.parseInt(text.slice(at, at + 7), 16);
        const rest = Number.parseInt(text.slice(at + 7, at + 15), 16);
        this.add(first * 4 + (rest >>> 30), rest & 0x3fff_ffff);
      }
      return;
    }
    if (!/^r\d+(,\d+)*$/.test(text)) throw notASet(text);
    const registers = this.registers ?? this.toRegisters();
    for (const entry of text.slice(1).split(',')) {
      const [index, register] = [Math.floor(Number(entry) / 64), Number(entry) % 64];
      if (index >= registers.length || register < 1 || register > highestRegister(this.precision)) throw notASet(text);
      if (register > (registers[index] ?? 0)) registers[index] = register;
    }
  }

  /** Where a hash stands, or would stand. */
  private placeOf(high: number, low: number): number {
    const { pairs } = this;
    let from = 0;
    let to = this.size;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const at = pairs[middle * 2] ?? 0;
      if (at < high || (at === high && (pairs[middle * 2 + 1] ?? 0) < low)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Rising pairs, none twice. */
  private addPairs(other: Int32Array, count: number): void {
    if (count === 0) return;
    const { registers, pairs, size } = this;
    if (registers !== null) {
      for (let i = 0; i < count; i++) this.raise(registers, other[i * 2] ?? 0, other[i * 2 + 1] ?? 0);
      return;
    }
    const union = new Int32Array((size + count) * 2);
    let [mine, theirs, all] = [0, 0, 0];
    while (mine < size || theirs < count) {
      const order = mine >= size ? 1 : theirs >= count ? -1 : comparePairs(pairs, mine, other, theirs);
      const [from, at] = order <= 0 ? [pairs, mine] : [other, theirs];
      union[all * 2] = from[at * 2] ?? 0;
      union[all * 2 + 1] = from[at * 2 + 1] ?? 0;
      all++;
      if (order <= 0) mine++;
      if (order >= 0) theirs++;
    }
    this.pairs = union;
    this.size = all;
    if (all > this.limit) this.toRegisters();
  }

  private addRegisters(other: Uint8Array): void {
    const registers = this.registers ?? this.toRegisters();
    for (let i = 0; i < registers.length; i++) {
      const register = other[i] ?? 0;
      if (register > (registers[i] ?? 0)) registers[i] = register;
    }
  }

  private toRegisters(): Uint8Array {
    const registers = new Uint8Array(2 ** this.precision);
    const { pairs, size } = this;
    for (let i = 0; i < size; i++) this.raise(registers, pairs[i * 2] ?? 0, pairs[i * 2 + 1] ?? 0);
    this.registers = registers;
    this.pairs = noPairs;
    this.size = 0;
    return registers;
  }

  private raise(registers: Uint8Array, high: number, low: number): void {
    const shift = 30 - this.precision;
    const index = high >>> shift;
    // A bit above all others ends the count where every bit is 0.
    const zeros = low !== 0 ? 31 - Math.clz32(low & -low) : 30 + (31 - Math.clz32(lowestBit(high | (1 << shift))));
    if (zeros >= (registers[index] ?? 0)) registers[index] = zeros + 1;
  }

  private readList(from: ChunkReader): void {
    const registers = this.registers ?? this.toRegisters();
    const used = from.varint();
    if (used === 0) throw from.damaged('has registers that nothing was added to');
    if (!isList(used, registers.length)) throw from.damaged('has a list of too many registers');
    let index = -1;
    for (let i = 0; i < used; i++) {
      const entry = from.varint();
      const register = entry % 64;
      index += Math.floor(entry / 64) + 1;
      if (index >= registers.length) throw from.damaged('has a register behind the last');
      this.take(from, registers, index, register, 1);
    }
  }

  private readAll(from: ChunkReader): void {
    const registers = this.registers ?? this.toRegisters();
    const start = from.skip((registers.length * 3) / 4);
    let used = 0;
    for (let i = 0, at = start; i < registers.length; i += 4, at += 3) {
      const { bytes } = from;
      let four = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
      for (let k = i; k < i + 4; k++) {
        if ((four & 63) > 0) used++;
        this.take(from, registers, k, four & 63, 0);
        four >>>= 6;
      }
    }
    if (isList(used, registers.length)) throw from.damaged('has registers that belong in a list');
  }

  private take(from: ChunkReader, into: Uint8Array, index: number, register: number, least: number): void {
    if (register < least || register > highestRegister(this.precision))
      throw from.damaged('has a register out of range');
    if (register > (into[index] ?? 0)) into[index] = register;
  }
}

const noPairs = new Int32Array(0);

function lowestBit(bits: number): number {
  return bits & -bits;
}

function notASet(text: string): ChunkError {
  return new ChunkError('COLUMNS_INVALID', `'${text.slice(0, 40)}' is no set of hashes.`);
}
