import type { Stream } from '@twofold/schemas';
import type { Ids } from '@twofold/service';
import type { ArchiveFault, ArchiveFile, ArchiveWriter, RemovableBlobs } from './archive.ts';
import { faultError } from './archive-change.ts';
import type { ArchivedColumns, ColumnArchive, EventTimes } from './archived-columns.ts';
import { columnFileCodec } from './column-file-codec.ts';
import { recordsBetween } from './content-batch.ts';
import { createContentBuilder, mergeContents } from './content-builder.ts';
import { ledgerColumns, withoutRows } from './content-without.ts';
import { sha256 } from './content-hash.ts';
import { createCorrectionShelves } from './correction-shelf.ts';
import { ArchiveError } from './errors.ts';
import { assertSameVersion, compareFile } from './file-check.ts';
import type { FileCodec, FileContent } from './file-content.ts';
import { createFileLedger, mergeTotals } from './file-ledger.ts';
import type { LedgerTotals } from './file-ledger.ts';
import { fileName } from './file-name.ts';
import { createManifestChains } from './manifest-chains.ts';
import { createMemoryBlobs } from './memory-blobs.ts';
import { storedFiles } from './stored-files.ts';
import { isDerived } from './stream-versions.ts';

export interface MemoryArchiveOptions {
  readonly ids: Ids;
  /** Where files and manifests are kept. The simulator gives blobs that fail, lose and delay. */
  readonly blobs?: RemovableBlobs;
  readonly codec?: FileCodec;
  /** Are the original bytes of a stream's applied and duplicate records kept? By default, yes. */
  readonly keepBytes?: (stream: string) => boolean;
}

/** The archive without Parquet or disk: the same chain and the same refusals, over any blobs. */
export function createMemoryArchive(options: MemoryArchiveOptions): ColumnArchive {
  const { ids, blobs = createMemoryBlobs(), codec = columnFileCodec, keepBytes = () => true } = options;
  const chains = createManifestChains(blobs);

  async function store(content: FileContent, partition: number, totals: LedgerTotals): Promise<ArchiveFile> {
    const name = fileName(content.stream, partition, totals.from, totals.to, ids.next(), codec.extension);
    const bytes = codec.write(content);
    if (!(await blobs.putIfAbsent(name, bytes))) {
      throw new ArchiveError(
        'ARCHIVE_IO',
        `${name} exists already, though its id is new; check that ids are never used twice.`,
      );
    }
    const { fingerprint } = content;
    return { name, partition, ...totals, byteLength: bytes.byteLength, sha256: sha256(bytes), fingerprint };
  }

  async function check(stream: string, file: ArchiveFile): Promise<ArchiveFault | null> {
    const bytes = await blobs.get(file.name);
    return compareFile(stream, file, bytes && { byteLength: bytes.byteLength, sha256: sha256(bytes) });
  }

  async function load(stream: string, file: ArchiveFile): Promise<FileContent> {
    const bytes = await blobs.get(file.name);
    const fault = compareFile(stream, file, bytes && { byteLength: bytes.byteLength, sha256: sha256(bytes) });
    if (fault !== null) throw faultError(fault);
    return codec.read(bytes ?? new Uint8Array(0));
  }

  async function readColumns(stream: Stream, file: ArchiveFile): Promise<ArchivedColumns> {
    const content = await load(stream.name, file);
    assertSameVersion(stream, file, content.fingerprint);
    return content.columns;
  }

  return {
    ...chains.archivePart(check),
    ...storedFiles(blobs, (stream) => chains.of(stream).head()),
    corrections: createCorrectionShelves(blobs),

    create(stream: Stream, partition: number, from: number): ArchiveWriter {
      const ledger = createFileLedger(stream.sliceSize, from);
      const builder = createContentBuilder(stream, partition, from, keepBytes(stream.name) && !isDerived(stream.name));
      return {
        get records() {
          return ledger.records;
        },
        append(batch, columns, fromRow, toRow, nextOffset) {
          ledger.add(columns, fromRow, toRow, nextOffset);
          builder.append(batch, columns, fromRow, toRow);
        },
        async finish(signal) {
          signal?.throwIfAborted();
          return store(builder.build(ledger.position), partition, ledger.totals());
        },
        async abort() {
          // Nothing was stored yet.
        },
      };
    },

    async read(stream, file, from, to) {
      const { columns, keys, values } = await load(stream.name, file);
      const records = { partition: file.partition, offsets: columns.offsets, logTimes: columns.logTimes, keys, values };
      return recordsBetween(records, Math.max(from, file.from), Math.max(from, file.from, Math.min(to, file.to)));
    },

    locate: (file) => file.name,

    fingerprintOf: async (stream, file) => file.fingerprint ?? (await load(stream, file)).fingerprint,

    readColumns,

    async *columnBatches(stream, file, within = null) {
      const columns = await readColumns(stream, file);
      if (within === null || isTouched(columns, within)) yield columns;
    },

    async recordsWithin(stream, file, within) {
      const columns = await readColumns(stream, file);
      return isTouched(columns, within) ? columns.count : 0;
    },

    async compact(stream, files, signal) {
      const totals = mergeTotals(files);
      const contents: FileContent[] = [];
      for (const file of files) {
        signal?.throwIfAborted();
        const content = await load(stream.name, file);
        assertSameVersion(stream, file, content.fingerprint);
        contents.push(content);
      }
      const { partition, ...merged } = totals;
      return store(mergeContents(contents), partition, merged);
    },

    async eraseRows(stream, file, isErased, signal) {
      signal?.throwIfAborted();
      const content = withoutRows(await load(stream.name, file), isErased);
      const ledger = createFileLedger(stream.sliceSize, file.from);
      ledger.add(ledgerColumns(content.columns), 0, content.columns.count, file.to);
      return store(content, file.partition, ledger.totals());
    },
  };
}

function isTouched({ eventTimes }: ArchivedColumns, { from, to }: EventTimes): boolean {
  return eventTimes.some((time) => time >= from && time < to);
}
