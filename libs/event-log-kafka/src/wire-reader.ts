import { LogError } from '@twofold/event-log';

/**
 * Reads a response in Kafka's flexible encoding. Lengths are checked against what is there, so that a response of a
 * version we do not know ends in an error and not in nonsense.
 */
export class WireReader {
  readonly buffer: Buffer;
  #at: number;

  constructor(buffer: Buffer, at = 0) {
    this.buffer = buffer;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  int8(): number {
    return this.buffer.readInt8(this.#take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#take(4));
  }

  /** As a number: exact for what offsets, times and ids are. */
  int64(): number {
    const at = this.#take(8);
    return this.buffer.readInt32BE(at) * 4_294_967_296 + this.buffer.readUInt32BE(at + 4);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let scale = 1, part = 0; part < 5; part++, scale *= 128) {
      const byte = this.buffer.readUInt8(this.#take(1));
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw malformed('a length of more than five bytes');
  }

  /** Null where the length is 0. */
  compactString(): string | null {
    const length = this.unsignedVarint() - 1;
    if (length < 0) return null;
    const at = this.#take(length);
    return this.buffer.toString('utf8', at, at + length);
  }

  /** How many items follow; -1 for a null array. */
  compactArray<T>(read: () => T): T[] {
    const count = this.unsignedVarint() - 1;
    if (count > this.buffer.length) throw malformed(`an array of ${count} items`);
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(read());
    return items;
  }

  /** Where nullable bytes are in the buffer; empty at null. */
  compactBytes(): { readonly start: number; readonly end: number } {
    const length = Math.max(0, this.unsignedVarint() - 1);
    const start = this.#take(length);
    return { start, end: start + length };
  }

  uuid(): string {
    const at = this.#take(16);
    return this.buffer.toString('hex', at, at + 16);
  }

  /** Tagged fields; `known` may read one, and need not. */
  tags(known: (tag: number) => void = () => {}): void {
    const count = this.unsignedVarint();
    for (let index = 0; index < count; index++) {
      const tag = this.unsignedVarint();
      const size = this.unsignedVarint();
      const start = this.#at;
      known(tag);
      this.#at = start;
      this.#take(size);
    }
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  #take(length: number): number {
    const start = this.#at;
    if (length < 0 || start + length > this.buffer.length) throw malformed(`${length} bytes more than there are`);
    this.#at = start + length;
    return start;
  }
}

function malformed(what: string): LogError {
  return new LogError('LOG_IO', `a response of the broker could not be read: it names ${what}`, { retryable: true });
}
