import type { RecordBatch } from '@twofold/schemas';
import type { Walked } from './batch-walker.ts';
import type { RecordRows } from './record-rows.ts';

/** What one fetch gave and the reads have not taken yet. */
export class ReadAhead {
  readonly #partition: number;
  readonly #rows: RecordRows;
  #next = -1;
  #end = -1;
  #row = 0;
  #term = -1;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(partition: number, rows: RecordRows) {
    this.#partition = partition;
    this.#rows = rows;
  }

  /** Is there something that begins just there? A reader that jumps is to see the log as it is now. */
  startsAt(offset: number): boolean {
    return offset === this.#next && this.#next < this.#end;
  }

  /** Was everything before the offset read just now, by this cursor? */
  follows(offset: number): boolean {
    return offset === this.#next;
  }

  /** The leader's term of what was read last; -1 when it is not known. */
  get lastTerm(): number {
    return this.#term;
  }

  forget(): void {
    this.#next = -1;
    this.#end = -1;
    this.#term = -1;
    this.#bytes = new Uint8Array(0);
  }

  put(from: number, { nextOffset, lastTerm, bytes }: Walked): void {
    this.#next = from;
    this.#end = nextOffset;
    this.#term = lastTerm;
    this.#bytes = bytes;
    this.#row = 0;
  }

  /** Records of at most `maxBytes`, and at least one where there is one below `to`. */
  take(maxBytes: number, to: number): RecordBatch {
    const from = this.#row;
    const last = to < this.#end ? this.#rows.rowAt(to) : this.#rows.count;
    let row = from;
    for (let size = 0; row < last; row++) {
      size += this.#weight(row);
      if (size > maxBytes && row > from) break;
    }
    const baseOffset = this.#next;
    const nextOffset = row < last ? (this.#rows.offsets[row] ?? this.#end) : Math.min(to, this.#end);
    this.#next = nextOffset;
    this.#row = row;
    return this.#rows.batch({ from, to: row }, { partition: this.#partition, baseOffset, nextOffset }, this.#bytes);
  }

  #weight(row: number): number {
    const { keyStarts, keyEnds, valueStarts, valueEnds } = this.#rows;
    return (keyEnds[row] ?? 0) - (keyStarts[row] ?? 0) + (valueEnds[row] ?? 0) - (valueStarts[row] ?? 0);
  }
}
