import { ChunkError } from './chunk-error.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { Sketch } from './sketch-state.ts';
import { isUtf8 } from './text-extreme-state.ts';

/**
 * The value at the least place, or the greatest. A place is (event time, partition, offset): no two events have the same,
 * so that which of two stays does not depend on their order.
 */
export class PlacedValue implements Sketch<PlacedValue> {
  /** False: there was no value yet, and what follows means nothing. */
  held = false;
  /** Column units; of texts 0. */
  number = 0;
  /** UTF-8; of numbers null. */
  bytes: Uint8Array | null = null;
  private time = 0;
  private partition = 0;
  private offset = 0;
  private readonly last: boolean;
  private readonly isText: boolean;

  constructor(last: boolean, isText: boolean) {
    this.last = last;
    this.isText = isText;
  }

  /** Does the value of a place take the place of the one that is held? */
  yieldsTo(time: number, partition: number, offset: number): boolean {
    if (!this.held) return true;
    const order = time - this.time || partition - this.partition || offset - this.offset;
    return this.last ? order > 0 : order < 0;
  }

  set(time: number, partition: number, offset: number, number: number, bytes: Uint8Array | null): void {
    this.held = true;
    this.time = time;
    this.partition = partition;
    this.offset = offset;
    this.number = number;
    this.bytes = bytes;
  }

  merge(other: PlacedValue): void {
    if (!other.held) return;
    const { time, partition, offset, number, bytes } = other;
    if (this.yieldsTo(time, partition, offset)) this.set(time, partition, offset, number, bytes);
  }

  /*
   * In a chunk: a byte, 0 for no value and 1 for one; then event time, signed; partition and offset, varints; and the
   * value: signed, or length and UTF-8.
   */
  write(into: ChunkWriter): void {
    into.ensure((this.bytes?.length ?? 0) + 50);
    into.byte(this.held ? 1 : 0);
    if (!this.held) return;
    into.zigzag(this.time);
    into.varint(this.partition);
    into.varint(this.offset);
    if (this.bytes === null) into.zigzag(this.number);
    else {
      into.varint(this.bytes.length);
      into.raw(this.bytes, 0, this.bytes.length);
    }
  }

  read(from: ChunkReader): void {
    const there = from.byte();
    if (there > 1) throw from.damaged('has a value that is neither there nor missing');
    if (there === 0) return;
    const time = from.zigzag();
    const partition = from.varint();
    const offset = from.varint();
    const [number, bytes] = this.isText ? [0, textOf(from)] : [from.zigzag(), null];
    if (this.yieldsTo(time, partition, offset)) this.set(time, partition, offset, number, bytes);
  }

  /** `time partition offset value`; nothing without a value. */
  text(): string {
    if (!this.held) return '';
    const value = this.bytes === null ? String(this.number) : decoder.decode(this.bytes);
    return `${this.time} ${this.partition} ${this.offset} ${value}`;
  }

  addText(text: string): void {
    if (text === '') return;
    const [whole, ...parts] = /^(-?\d+) (\d+) (\d+) ([^]*)$/.exec(text) ?? [];
    const [time = NaN, partition = NaN, offset = NaN] = parts.slice(0, 3).map(Number);
    const value = parts[3] ?? '';
    const number = this.isText ? 0 : Number(value);
    const right = whole !== undefined && [time, partition, offset].every(Number.isSafeInteger);
    if (!right || !(this.isText || /^-?\d+$/.test(value)))
      throw new ChunkError('COLUMNS_INVALID', `'${text.slice(0, 40)}' is no place with its value.`);
    if (this.yieldsTo(time, partition, offset))
      this.set(time, partition, offset, number, this.isText ? encoder.encode(value) : null);
  }
}

function textOf(from: ChunkReader): Uint8Array {
  const length = from.varint();
  const start = from.skip(length);
  const bytes = from.bytes.slice(start, start + length);
  if (!isUtf8(bytes)) throw from.damaged('has a text that is no UTF-8');
  return bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
