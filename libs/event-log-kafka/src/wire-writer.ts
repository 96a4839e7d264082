/** Writes the body of a request in Kafka's flexible encoding: big-endian numbers, compact lengths, tagged fields. */
export class WireWriter {
  #buffer = Buffer.alloc(256);
  #length = 0;

  int8(value: number): this {
    this.#length = this.#room(1).writeInt8(value, this.#length);
    return this;
  }

  int16(value: number): this {
    this.#length = this.#room(2).writeInt16BE(value, this.#length);
    return this;
  }

  int32(value: number): this {
    this.#length = this.#room(4).writeInt32BE(value, this.#length);
    return this;
  }

  /** A whole number of at most 2^53 in 64 bits. */
  int64(value: number): this {
    this.#room(8).writeInt32BE(Math.floor(value / 4_294_967_296), this.#length);
    this.#buffer.writeUInt32BE(((value % 4_294_967_296) + 4_294_967_296) % 4_294_967_296, this.#length + 4);
    this.#length += 8;
    return this;
  }

  /** Compact lengths are one more than the length; null is 0. */
  unsignedVarint(value: number): this {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#byte((rest % 128) | 0x80);
    return this.#byte(rest);
  }

  compactString(value: string): this {
    const bytes = Buffer.from(value);
    return this.unsignedVarint(bytes.length + 1).bytes(bytes);
  }

  compactArray<T>(items: readonly T[], write: (item: T) => unknown): this {
    this.unsignedVarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#room(value.length).set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  noTags(): this {
    return this.#byte(0);
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #byte(value: number): this {
    this.#length = this.#room(1).writeUInt8(value, this.#length);
    return this;
  }

  #room(more: number): Buffer {
    if (this.#length + more > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + more));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    return this.#buffer;
  }
}
