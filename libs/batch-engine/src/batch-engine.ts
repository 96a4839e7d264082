import type { ArchiveFile } from '@twofold/archive';
import type { PartialColumns, View } from '@twofold/views';

/** An archive file as an engine reads it, and the positions of it that count: `[from, to)`. */
export interface SourceFile {
  readonly path: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** The same file as its manifest names it: what is folded in JavaScript is read by it. */
  readonly archived?: ArchiveFile;
}

export interface FoldJob {
  readonly view: View;
  /** Pane width of the level to compute. */
  readonly widthMs: number;
  readonly files: readonly SourceFile[];
  /** Only panes in `[from, to)`; null: all. */
  readonly panes: { readonly from: number; readonly to: number } | null;
  /** Also split by partition and base slice of this size (for parity, E18); null: do not. */
  readonly sliceSize: number | null;
}

export interface SurveyJob {
  readonly view: View;
  readonly files: readonly SourceFile[];
  readonly bucketMs: number;
}

/** What lies in a range of the archive, as far as a view is concerned (applied records only). */
export interface Survey {
  /** Starts of the buckets of event time that hold at least one applied record, rising. */
  readonly buckets: readonly number[];
  readonly maxEventTime: number | null;
  readonly applied: number;
}

/** Folds archived records into partials: for equal jobs equal partials, whatever the engine, its threads or the order of files (E14). */
export interface BatchEngine {
  /**
   * The partials, without order between blocks, each (key, pane[, partition, slice]) once.
   * @throws ENGINE_OVERFLOW, ENGINE_FAILED, ENGINE_CRASHED, ENGINE_OUT_OF_MEMORY, ENGINE_CLOSED
   */
  fold(job: FoldJob, signal?: AbortSignal): AsyncIterable<PartialColumns>;
  survey(job: SurveyJob, signal?: AbortSignal): Promise<Survey>;
  close(): Promise<void>;
}
