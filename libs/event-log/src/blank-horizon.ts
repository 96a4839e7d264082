import {
  createChangePlaceReader,
  createIdReader,
  RecordClass,
  type BlankRecords,
  type Columns,
  type RecordBatch,
  type Stream,
} from '@twofold/schemas';
import { firstAtOrAbove } from './without-blanks.ts';

interface Blank {
  readonly offset: number;
  readonly id: string;
  /** Of a change stream. */
  readonly place: number | null;
  readonly of: BlankRecords;
}

/**
 * The ids of erased records within the dedupe horizon (E9, E21): a copy that follows one is a duplicate, as it was
 * before, though nothing is left of the record but a keyed hash. In a change stream repetitions are told by their place,
 * and so are those of erased changes (E26). Costs nothing where nothing was erased.
 */
export class BlankHorizon {
  readonly #idOf: (columns: Columns, row: number) => string;
  readonly #placeOf: ((columns: Columns, row: number) => number) | null;
  readonly #horizon: number;
  /** Rising by offset. */
  #blanks: Blank[] = [];

  constructor(stream: Stream, horizon: number) {
    this.#idOf = createIdReader(stream);
    this.#placeOf = createChangePlaceReader(stream);
    this.#horizon = horizon;
  }

  restart(): void {
    this.#blanks = [];
  }

  /** Turns applied rows into duplicates of what was erased before them. Batches come in order. */
  classify({ blanks = [], baseOffset, nextOffset }: RecordBatch, columns: Columns): void {
    const before = this.#blanks.length;
    for (const of of blanks)
      for (let at = firstAtOrAbove(of.offsets, baseOffset); at < of.offsets.length; at++) {
        const offset = of.offsets[at] ?? nextOffset;
        if (offset >= nextOffset) break;
        const id = of.ids[at] ?? null;
        if (id !== null) this.#blanks.push({ offset, id, place: of.places?.[at] ?? null, of });
      }
    if (this.#blanks.length === 0) return;
    if (this.#blanks.length > before) this.#blanks.sort((a, b) => a.offset - b.offset);
    for (let row = 0; row < columns.count; row++)
      if (columns.classes[row] === RecordClass.applied && this.#repeats(columns, row))
        columns.classes[row] = RecordClass.duplicate;
    this.#blanks = this.#blanks.filter(({ offset }) => offset >= nextOffset - this.#horizon);
  }

  #repeats(columns: Columns, row: number): boolean {
    const at = columns.offsets[row] ?? 0;
    if (this.#placeOf !== null) return this.#isBehind(at, this.#placeOf(columns, row));
    const hashes = new Map<BlankRecords, string>();
    for (const { offset, id, of } of this.#blanks) {
      if (offset >= at) return false;
      if (offset < at - this.#horizon) continue;
      const hash = hashes.get(of) ?? of.hashOf(this.#idOf(columns, row));
      hashes.set(of, hash);
      if (hash === id) return true;
    }
    return false;
  }

  #isBehind(at: number, place: number): boolean {
    return this.#blanks.some(
      (blank) =>
        blank.place !== null && blank.place >= place && blank.offset < at && blank.offset >= at - this.#horizon,
    );
  }
}
