import type { AppendRecord } from '@twofold/event-log';
import { AlignedBuffer, roundUp8 } from './aligned-buffer.ts';
import { frameDataBytes, frameHeaderBytes, frameLength, recordsMagic, stampFrame, writeFrameHeader } from './frame.ts';

const startBytes = 262_144;
/** A buffer that one large group made larger than this is not kept. */
const keptBytes = 4_194_304;
/** Below this a loop copies faster than `set`. */
const loopBytes = 24;

/** Lays out the records of one commit group of one partition as frames, one after the other. */
export class FrameBuilder {
  #buffer = new AlignedBuffer(startBytes);
  #length = 0;
  readonly #starts: number[] = [];
  readonly #firstOffsets: number[] = [];
  /** Of the frame that is open: where it begins, where its data ends, and the lengths of its records. */
  #frameStart = 0;
  #count = 0;
  #keyLengths = new Int32Array(1_024);
  #valueLengths = new Int32Array(1_024);
  #frameOffset = 0;

  /** Bytes of all frames. */
  get lengthBytes(): number {
    return this.#length;
  }

  add(record: AppendRecord, offset: number, time: number): void {
    const { key, value } = record;
    const weight = (key?.length ?? 0) + (value?.length ?? 0);
    if (this.#count > 0 && this.#length - this.#frameStart + weight > frameHeaderBytes + frameDataBytes) {
      this.closeFrame(time);
    }
    if (this.#count === 0) this.#openFrame(offset);
    this.#reserve(this.#length + weight);
    if (this.#count === this.#keyLengths.length) this.#growLengths();
    this.#keyLengths[this.#count] = key === null ? -1 : key.length;
    this.#valueLengths[this.#count] = value === null ? -1 : value.length;
    this.#count += 1;
    const { bytes } = this.#buffer;
    if (key !== null) this.#length = copyInto(bytes, this.#length, key);
    if (value !== null) this.#length = copyInto(bytes, this.#length, value);
  }

  /** Completes the open frame, if there is one. */
  closeFrame(time: number): void {
    const count = this.#count;
    if (count === 0) return;
    const dataEnd = roundUp8(this.#length);
    const end = dataEnd + 8 * count;
    this.#reserve(end);
    this.#buffer.bytes.fill(0, this.#length, dataEnd);
    this.#buffer.ints.set(this.#keyLengths.subarray(0, count), dataEnd >> 2);
    this.#buffer.ints.set(this.#valueLengths.subarray(0, count), (dataEnd >> 2) + count);
    const at = this.#frameStart;
    const offset = this.#frameOffset;
    writeFrameHeader(this.#buffer, at, { magic: recordsMagic, length: end - at, count, offset, time });
    this.#length = end;
    this.#count = 0;
  }

  /** Stamps every frame for the segment and the place where they will be written, and gives the bytes to write there. */
  stamp(position: number, salt: number): Uint8Array {
    for (const start of this.#starts) stampFrame(this.#buffer, start, position, salt);
    return this.#buffer.bytes.subarray(0, this.#length);
  }

  /** Calls back for each frame with its first offset and its place among the bytes. */
  forEachFrame(visit: (firstOffset: number, start: number, length: number) => void): void {
    for (const [i, start] of this.#starts.entries()) {
      visit(this.#firstOffsets[i] ?? 0, start, frameLength(this.#buffer, start));
    }
  }

  reset(): void {
    this.#length = 0;
    this.#count = 0;
    this.#starts.length = 0;
    this.#firstOffsets.length = 0;
    if (this.#buffer.sizeBytes > keptBytes) this.#buffer = new AlignedBuffer(startBytes);
  }

  #openFrame(offset: number): void {
    this.#frameStart = this.#length;
    this.#frameOffset = offset;
    this.#starts.push(this.#frameStart);
    this.#firstOffsets.push(offset);
    this.#length += frameHeaderBytes;
    this.#reserve(this.#length);
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#buffer.sizeBytes) return;
    const grown = new AlignedBuffer(Math.max(sizeBytes, 2 * this.#buffer.sizeBytes));
    grown.bytes.set(this.#buffer.bytes);
    this.#buffer = grown;
  }

  #growLengths(): void {
    const grow = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(2 * old.length);
      grown.set(old);
      return grown;
    };
    this.#keyLengths = grow(this.#keyLengths);
    this.#valueLengths = grow(this.#valueLengths);
  }
}

function copyInto(bytes: Uint8Array, at: number, part: Uint8Array): number {
  if (part.length > loopBytes) bytes.set(part, at);
  else for (let i = 0; i < part.length; i++) bytes[at + i] = part[i] ?? 0;
  return at + part.length;
}
