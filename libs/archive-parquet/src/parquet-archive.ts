import {
  assertSameVersion,
  compareFile,
  createCorrectionShelves,
  createManifestChains,
  isDerived,
  recordsBetween,
  storedFiles,
} from '@twofold/archive';
import type { ArchiveFault, ArchiveFile, ColumnArchive } from '@twofold/archive';
import type { Fs, Ids } from '@twofold/service';
import { nodeFs } from '@twofold/service';
import { compactFiles, eraseRows } from './compact-files.ts';
import { createDiskFiles } from './disk-files.ts';
import { hashFile, withFile } from './file-source.ts';
import { openChecked } from './parquet-file-reader.ts';
import type { CheckedFile } from './parquet-file-reader.ts';
import { ParquetFileWriter } from './parquet-file-writer.ts';
import { archivedBatches, readArchivedColumns, touchedGroups } from './read-columns.ts';
import { createRecordReader } from './record-reader.ts';

export interface ParquetArchiveOptions {
  /** The archive's own folder; it is made when it is not there. */
  readonly directory: string;
  readonly ids: Ids;
  /** The machine's file system unless another is given. */
  readonly fs?: Fs;
  /** Are the original bytes of a stream's applied and duplicate records kept? Those of rejected ones always are. By default, yes. */
  readonly keepBytes?: (stream: string) => boolean;
}

/** Files whose bytes were checked lately; a file is hashed again once it has left this list. */
const rememberedFiles = 8;

/** Parquet files and manifest chains in a folder. Any number of processes may use one at the same time. */
export function createParquetArchive(options: ParquetArchiveOptions): ColumnArchive {
  const { directory, ids, fs = nodeFs, keepBytes = () => true } = options;
  const files = createDiskFiles(fs, directory, ids);
  const chains = createManifestChains(files);
  const checked = new Map<string, CheckedFile>();

  async function check(stream: string, file: ArchiveFile): Promise<ArchiveFault | null> {
    checked.delete(file.name);
    const path = files.pathOf(file.name);
    return compareFile(stream, file, await withFile(fs, path, (source, size) => hashFile(source, size, path)));
  }

  async function open(stream: string, file: ArchiveFile): Promise<CheckedFile> {
    const known = checked.get(file.name);
    if (known !== undefined && known.file.sha256 === file.sha256) return known;
    const opened = await openChecked(fs, files.pathOf(file.name), stream, file);
    checked.set(file.name, opened);
    for (const name of checked.keys()) {
      if (checked.size <= rememberedFiles) break;
      checked.delete(name);
    }
    return opened;
  }

  const records = createRecordReader(fs);

  return {
    ...chains.archivePart(check),
    ...storedFiles(files, (stream) => chains.of(stream).head()),
    corrections: createCorrectionShelves(files),

    create(stream, partition, from) {
      const kept = keepBytes(stream.name) && !isDerived(stream.name);
      return new ParquetFileWriter({ fs, files, ids, stream, partition, from, keepBytes: kept, allBytes: kept });
    },

    async read(stream, file, from, to) {
      const start = Math.max(from, file.from);
      const end = Math.max(start, Math.min(to, file.to));
      return recordsBetween(await records.read(await open(stream.name, file), start, end), start, end);
    },

    locate: (file) => files.pathOf(file.name),

    fingerprintOf: async (stream, file) => file.fingerprint ?? (await open(stream, file)).fingerprint,

    async readColumns(stream, file) {
      const opened = await open(stream.name, file);
      assertSameVersion(stream, file, opened.fingerprint);
      return readArchivedColumns(fs, stream, opened);
    },

    async *columnBatches(stream, file, within = null) {
      const opened = await open(stream.name, file);
      assertSameVersion(stream, file, opened.fingerprint);
      yield* archivedBatches(fs, stream, opened, within);
    },

    async recordsWithin(stream, file, within) {
      const opened = await open(stream.name, file);
      assertSameVersion(stream, file, opened.fingerprint);
      return touchedGroups(opened, within).reduce((sum, { rows }) => sum + rows, 0);
    },

    compact: (stream, group, signal) =>
      compactFiles({ fs, files, ids, stream }, group, (file) => open(stream.name, file), signal),

    eraseRows: async (stream, file, isErased, signal) =>
      eraseRows({ fs, files, ids, stream }, await open(stream.name, file), isErased, signal),
  };
}
