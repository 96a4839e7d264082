import { segmentHeaderBytes } from './segment-header.ts';

/** Bytes between two entries: what a reader walks at most from an entry to the frame that it wants. */
const stepBytes = 65_536;

/** Where some frames of a segment begin. Grows as the segment is written or walked through; never needed to be whole. */
export class SparseIndex {
  readonly #offsets: number[];
  readonly #positions: number[];

  constructor(base: number) {
    this.#offsets = [base];
    this.#positions = [segmentHeaderBytes];
  }

  /** A frame with this first offset begins at this position. */
  note(offset: number, position: number): void {
    if (position < (this.#positions.at(-1) ?? 0) + stepBytes) return;
    this.#offsets.push(offset);
    this.#positions.push(position);
  }

  /** The last known frame that begins at or below the offset. */
  floor(offset: number): { offset: number; position: number } {
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#offsets[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { offset: this.#offsets[low] ?? 0, position: this.#positions[low] ?? segmentHeaderBytes };
  }
}
