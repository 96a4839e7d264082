import type { Rejection, Stream } from '@twofold/schemas';
import type { Archive, ArchiveFile, ArchiveState } from './archive.ts';
import type { CorrectionShelf } from './correction-shelf.ts';

/** A declared field of archived rows. Of rejected rows every field is null. */
export type ArchivedField =
  | {
      readonly kind: 'number';
      /** Exact integers as in NumberColumn; 0 where `valid` is 0. */
      readonly values: Float64Array;
      readonly valid: Uint8Array;
    }
  | { readonly kind: 'text'; readonly values: readonly (string | null)[] };

/** Event times `[from, to)`, milliseconds. */
export interface EventTimes {
  readonly from: number;
  readonly to: number;
}

/** The typed rows of one file, as values: no dictionary ids, nothing that belongs to a decoder. */
export interface ArchivedColumns {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Rows: the file's positions without control. */
  readonly count: number;
  readonly offsets: Float64Array;
  /** Milliseconds. */
  readonly logTimes: Float64Array;
  /** RecordClass of each row. */
  readonly classes: Uint8Array;
  /** Milliseconds; NaN where rejected. */
  readonly eventTimes: Float64Array;
  /** In declaration order. */
  readonly fields: readonly ArchivedField[];
  /** Rising by row; one for each row whose class is `rejected`. */
  readonly rejections: readonly Rejection[];
}

/** An archive whose typed rows, older states and small files can be got at without an engine. */
export interface ColumnArchive extends Archive {
  /** The file's rows. Errors: FILE_MISSING, FILE_DAMAGED, STREAM_CHANGED when another stream version wrote it. */
  readColumns(stream: Stream, file: ArchiveFile): Promise<ArchivedColumns>;
  /**
   * The same rows in batches, in order, as they are stored: one is held at a time. Of those that are asked for by event
   * time every one is given, and what is stored beside them. Errors: those of `readColumns`.
   */
  columnBatches(stream: Stream, file: ArchiveFile, within?: EventTimes | null): AsyncIterable<ArchivedColumns>;
  /** How many records these batches have, without reading them. Errors: those of `readColumns`. */
  recordsWithin(stream: Stream, file: ArchiveFile, within: EventTimes): Promise<number>;
  /** Fingerprint of the stream version that decided the file's classes and typed columns (E9). Errors: FILE_MISSING, FILE_DAMAGED. */
  fingerprintOf(stream: string, file: ArchiveFile): Promise<string>;
  /** The corrections of a stream. They change nothing of its files: builds count with them or without. */
  corrections(stream: string): CorrectionShelf;
  /** What the chain said at an older number; -1 is the state before the first manifest. */
  stateAt(stream: string, number: number): Promise<ArchiveState>;
  /**
   * Writes one file with the content of neighbouring files; durable, and named by no manifest until the caller
   * commits it in their place: `commit(state, { add: [merged], remove: names })`, with a state that was read *before*
   * this call (`collectable` counts on it). The old files stay where they are until they are collected.
   */
  compact(stream: Stream, files: readonly ArchiveFile[], signal?: AbortSignal): Promise<ArchiveFile>;
  /**
   * Writes a file of the same range without some of its records, whose positions are control from then on (E21);
   * durable, and named by nothing yet. The file itself stays until it is removed.
   */
  eraseRows(
    stream: Stream,
    file: ArchiveFile,
    isErased: (offset: number) => boolean,
    signal?: AbortSignal,
  ): Promise<ArchiveFile>;
  /** What is stored, named by a manifest or not. For collection only: readers never list (E12). */
  listStored(stream: string): Promise<StoredFiles>;
  /**
   * Takes away stored files, by name; fine when they are gone. Which ones may go is the caller's affair
   * (`collectable`). Refuses names of anything else, a manifest's above all, with NOT_A_DATA_FILE.
   */
  removeStored(names: readonly string[]): Promise<void>;
}

/** A data file as its name tells. */
export interface StoredFile {
  readonly name: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

export interface StoredFiles {
  /** The stream's data files. */
  readonly files: readonly StoredFile[];
  /** Names of files, of any stream, that some writer has not finished, or never will. */
  readonly unfinished: readonly string[];
}
