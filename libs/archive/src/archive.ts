import type { Columns, RecordBatch, Stream } from '@twofold/schemas';

/** How many positions of a range are of each class (E10); they add up to the range's length. */
export interface ClassCounts {
  readonly applied: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly control: number;
}

/** One immutable, complete, checksummed file: the positions `[from, to)` of one partition. */
export interface ArchiveFile {
  /** Never used twice; relative to the archive's root. */
  readonly name: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Records held (positions without control). */
  readonly records: number;
  readonly byteLength: number;
  readonly sha256: string;
  /** Of the stream version that decided its classes and typed columns (E9); manifests of earlier releases do not say. */
  readonly fingerprint?: string;
  /** Of applied and duplicate records, milliseconds; null when there are none. */
  readonly minEventTime: number | null;
  readonly maxEventTime: number | null;
  readonly counts: ClassCounts;
  /** The same by base slice: [slice start, applied, duplicate, rejected, control]. */
  readonly slices: readonly (readonly [number, number, number, number, number])[];
}

/** What the manifest chain of one stream says at one number. Files by partition, rising, contiguous from the origin (E13). */
export interface ArchiveState {
  readonly stream: string;
  /** Number of the manifest, from 0; -1 before the first. */
  readonly number: number;
  readonly hash: string;
  /** Origin of each partition (E0). */
  readonly origins: readonly number[];
  readonly files: readonly ArchiveFile[];
  /** Numbers of the redactions whose targets are blank from this manifest on, wherever their bytes still lie (E21). Rising. */
  readonly redactions: readonly number[];
}

/** One past the last archived offset of a partition; its origin when nothing is archived. */
export function archivedEnd(state: ArchiveState, partition: number): number {
  let end = state.origins[partition] ?? 0;
  for (const file of state.files) if (file.partition === partition && file.to > end) end = file.to;
  return end;
}

/** Collects one file. Rows come in order, contiguous from the file's start. */
export interface ArchiveWriter {
  readonly records: number;
  /** Takes the rows `[fromRow, toRow)`, which cover the positions up to `nextOffset`. Copies what it needs. */
  append(batch: RecordBatch, columns: Columns, fromRow: number, toRow: number, nextOffset: number): void;
  /** Writes, syncs, reads back and checks; the file is then complete and durable, but no manifest names it yet (E12). */
  finish(signal?: AbortSignal): Promise<ArchiveFile>;
  /** Gives up; leaves nothing that a reader could see. */
  abort(): Promise<void>;
}

/** The immutable files of every stream and the manifest chains that name them. Readers never list folders. */
export interface Archive {
  /** The newest state. Verifies each link of the chain that it has not seen before. */
  head(stream: string): Promise<ArchiveState>;
  /** A file for the positions from `from` on. */
  create(stream: Stream, partition: number, from: number): ArchiveWriter;
  /**
   * Appends manifest `state.number + 1`, by put-if-absent. Null: somebody else was first; read the head again.
   * Refuses a change after which coverage would not be contiguous and disjoint.
   */
  commit(
    state: ArchiveState,
    change: {
      readonly add: readonly ArchiveFile[];
      readonly remove?: readonly string[];
      readonly origins?: readonly number[];
      readonly redactions?: readonly number[];
    },
  ): Promise<ArchiveState | null>;
  /** Original records of archived positions, as a log gives them (E7). Ends at `to` or at the file's end, whichever is first. */
  read(stream: Stream, file: ArchiveFile, from: number, to: number): Promise<RecordBatch>;
  /** Where an engine finds the file. Verifies nothing: `checkFile` does. */
  locate(file: ArchiveFile): string;
  /** Compares one file with what its manifest says of it, from storage, whatever was read before. Null: all is well. */
  checkFile(stream: string, file: ArchiveFile): Promise<ArchiveFault | null>;
  /** Compares files with what the manifests say of them: length and hash, chain and coverage. Names what is wrong; never mends. */
  verify(stream: string, options?: { signal?: AbortSignal }): AsyncIterable<ArchiveFault>;
}

export interface ArchiveFault {
  readonly code:
    | 'FILE_MISSING'
    | 'FILE_DAMAGED'
    | 'MANIFEST_DAMAGED'
    | 'MANIFEST_MISSING'
    | 'COVERAGE_HOLE'
    | 'COVERAGE_OVERLAP'
    | 'FORMAT_UNKNOWN';
  readonly stream: string;
  /** File or manifest name. */
  readonly name: string;
  readonly partition: number | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly detail: string;
}

/** Immutable named bytes. The archive's manifests need nothing else. */
export interface Blobs {
  /** Durable when it resolves. False: the name exists already, and its bytes are untouched. */
  putIfAbsent(name: string, bytes: Uint8Array): Promise<boolean>;
  get(name: string): Promise<Uint8Array | null>;
}

/** Blobs that can be looked through and taken away: for collection only, never for readers (E12). */
export interface RemovableBlobs extends Blobs {
  /** Names of the blobs in a folder, not of those in folders below it; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Fine when it is gone. */
  remove(name: string): Promise<void>;
}
