/**
 * Partials as columns: the currency between the folds, the engines, the stores and the merge.
 * Row i is the partial of one key and one pane (and, where asked for, one slice).
 */
export interface PartialColumns {
  readonly count: number;
  /** One column a dimension of the view, in declaration order. */
  readonly dimensions: readonly DimensionColumn[];
  /** Pane start, milliseconds since 1970. */
  readonly panes: Float64Array;
  /** Log partition and slice start of each row; present when the fold was asked for partials per slice. */
  readonly partitions: Int32Array | null;
  readonly slices: Float64Array | null;
  /** One column a component of the view, in the view's order. */
  readonly components: readonly ComponentColumn[];
}

/** A null dimension is a value: `valid` 0, `texts` null. */
export type DimensionColumn =
  | { readonly kind: 'number'; readonly values: Float64Array; readonly valid: Uint8Array }
  | { readonly kind: 'text'; readonly texts: readonly (string | null)[] };

export type ComponentColumn =
  /** rows, count */
  | { readonly kind: 'count'; readonly values: Float64Array }
  /** sum, sumSquares: signed 128 bits, two's complement, as low 64 and high 64 bits. */
  | { readonly kind: 'sum'; readonly low: BigUint64Array; readonly high: BigInt64Array }
  /** min, max of numbers; `valid` 0 where every value was null. */
  | { readonly kind: 'number'; readonly values: Float64Array; readonly valid: Uint8Array }
  /** min, max of text. Of every component whose slots are sketches: its canonical text (`Sketch.text`). */
  | { readonly kind: 'text'; readonly texts: readonly (string | null)[] };

/**
 * A chunk is the canonical encoding of partials sorted by (key bytes, pane): versioned bytes in which equal
 * partials are equal bytes. Speed rows and batch parts both hold chunks.
 */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** Number of partials. */
  readonly rows: number;
}

export interface BucketChunk extends Chunk {
  readonly bucket: number;
}
