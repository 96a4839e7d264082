import { RecordClass, type Columns } from '@twofold/schemas';

/**
 * The classes of the last positions read, so that a lane that starts a little behind (a remainder at a fresh cut)
 * needs no second reading of the dedupe horizon. Holds only classes that were decided with the full horizon (E9).
 */
export class ClassHistory {
  readonly #classes: Uint8Array;
  readonly #mask: number;
  /** Positions `[#from, #to)` are held. */
  #from = 0;
  #to = 0;

  /** @param capacity positions to remember; rounded up to a power of two. */
  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
    this.#classes = new Uint8Array(size);
    this.#mask = size - 1;
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  restart(position: number): void {
    this.#from = position;
    this.#to = position;
  }

  /** Takes the classes of the columns' range, which starts where the history ends. */
  append(columns: Columns): void {
    for (let at = this.#to; at < columns.nextOffset; at++) this.#classes[at & this.#mask] = RecordClass.control;
    for (let row = 0; row < columns.count; row++)
      this.#classes[(columns.offsets[row] ?? 0) & this.#mask] = columns.classes[row] ?? RecordClass.control;
    this.#to = columns.nextOffset;
    this.#from = Math.max(this.#from, this.#to - this.#classes.length);
  }

  covers(position: number): boolean {
    return position >= this.#from && position <= this.#to;
  }

  /** Writes the remembered classes over those of freshly decoded columns, which lie inside the history. */
  recall(columns: Columns): void {
    for (let row = 0; row < columns.count; row++)
      columns.classes[row] = this.#classes[(columns.offsets[row] ?? 0) & this.#mask] ?? RecordClass.control;
  }
}
