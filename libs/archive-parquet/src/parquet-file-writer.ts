import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ArchiveError, createFileLedger, fileName } from '@twofold/archive';
import type { ArchiveFile, ArchiveWriter, LedgerTotals } from '@twofold/archive';
import type { Columns, RecordBatch, Stream } from '@twofold/schemas';
import type { Fs, FsFile, Ids } from '@twofold/service';
import { parquetMetadataAsync } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { ioError } from './disk-files.ts';
import type { DiskFiles } from './disk-files.ts';
import { asyncBuffer, sumFile, withFile } from './file-source.ts';
import { fileFormat, fileKeys, parquetSchema } from './parquet-schema.ts';
import { RowGroupBuffer } from './row-group-buffer.ts';
import { encodeRowGroup } from './row-group-encoder.ts';

export interface FileTarget {
  readonly fs: Fs;
  readonly files: DiskFiles;
  readonly ids: Ids;
  readonly stream: Stream;
  readonly partition: number;
  readonly from: number;
  readonly keepBytes: boolean;
  /** What the file says of its bytes; differs from `keepBytes` where a compaction copies what there is. */
  readonly allBytes: boolean;
}

/**
 * Rows become row groups as they come, each encoded in one step of some 30 ms at most, and go to an unfinished file
 * while the next are collected. Memory: one row group, and what the disk has not yet taken.
 */
export class ParquetFileWriter implements ArchiveWriter {
  readonly #target: FileTarget;
  readonly #ledger;
  readonly #group: RowGroupBuffer;
  readonly #bytes = new ByteWriter(1 << 16);
  readonly #parquet: ParquetWriter;
  readonly #hash = createHash('sha256');
  #path: string | null = null;
  #file: FsFile | null = null;
  #written = 0;
  /** CRC-32 of what was written: what is read back is compared by it, and later by the manifest's SHA-256. */
  #crc32 = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: ArchiveError | null = null;

  constructor(target: FileTarget) {
    const { stream, from, keepBytes, allBytes } = target;
    this.#target = target;
    this.#ledger = createFileLedger(stream.sliceSize, from);
    this.#group = new RowGroupBuffer(stream, keepBytes);
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: parquetSchema(stream),
      codec: 'ZSTD',
      createdBy: 'twofold',
      kvMetadata: [
        { key: fileKeys.format, value: String(fileFormat) },
        { key: fileKeys.stream, value: stream.name },
        { key: fileKeys.fingerprint, value: stream.fingerprint },
        { key: fileKeys.bytes, value: allBytes ? 'all' : 'rejected' },
      ],
    });
  }

  get records(): number {
    return this.#ledger.records;
  }

  append(batch: RecordBatch, columns: Columns, fromRow: number, toRow: number, nextOffset: number): void {
    this.#ledger.add(columns, fromRow, toRow, nextOffset);
    if (this.#group.conflicts(columns)) this.#flushGroup();
    for (let row = fromRow; row < toRow;) {
      row = this.#group.append(batch, columns, row, toRow);
      if (this.#group.full) this.#flushGroup();
    }
  }

  /** Covers control positions up to `nextOffset`. */
  skip(nextOffset: number): void {
    const { partition } = this.#target;
    this.#ledger.add(noColumns(partition, this.#ledger.position, nextOffset), 0, 0, nextOffset);
  }

  async finish(signal?: AbortSignal): Promise<ArchiveFile> {
    try {
      const totals = this.#ledger.totals();
      this.#flushGroup();
      void this.#parquet.finish();
      this.#enqueue();
      await this.#drain();
      signal?.throwIfAborted();
      return await this.#publish(totals, signal);
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    this.#failure ??= new ArchiveError('ARCHIVE_IO', 'This file was given up; start another.');
    await this.#writing;
    await this.#close();
    if (this.#path !== null) await this.#target.files.discard(this.#path);
  }

  #flushGroup(): void {
    const group = this.#group;
    if (group.rows === 0) return;
    const { stream, partition } = this.#target;
    this.#parquet.row_groups.push(encodeRowGroup(this.#bytes, stream, partition, group));
    this.#parquet.num_rows += BigInt(group.rows);
    group.clear();
    this.#enqueue();
  }

  /** Hands what was encoded to the disk, in order. A failure is kept for `finish`. */
  #enqueue(): void {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    this.#writing = this.#writing.then(async () => {
      if (this.#failure !== null) return;
      try {
        await this.#write(bytes);
      } catch (error) {
        this.#failure = ioError('write', this.#path ?? 'an unfinished file', error);
      }
    });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { fs, files } = this.#target;
    this.#path ??= await files.unfinishedPath();
    this.#file ??= await fs.open(this.#path, 'create');
    await this.#file.pwrite(bytes, this.#written);
    this.#written += bytes.length;
    this.#hash.update(bytes);
    this.#crc32 = crc32(bytes, this.#crc32);
  }

  async #drain(): Promise<void> {
    await this.#writing;
    if (this.#failure !== null) throw this.#failure;
    try {
      // A sync that fails is not tried again: the file is thrown away instead.
      await this.#file?.datasync();
    } catch (error) {
      throw ioError('sync', this.#path ?? '', error);
    } finally {
      await this.#close();
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** Reads the file back, compares, and names it. */
  async #publish(totals: LedgerTotals, signal: AbortSignal | undefined): Promise<ArchiveFile> {
    const { fs, files, ids, stream, partition } = this.#target;
    const path = this.#path ?? '';
    const found = await withFile(fs, path, async (file, sizeBytes) => ({
      ...(await sumFile(file, sizeBytes, path)),
      rows: Number((await parquetMetadataAsync(asyncBuffer(file, sizeBytes, path))).num_rows),
    }));
    if (found === null) {
      throw new ArchiveError(
        'ARCHIVE_IO',
        `${path} is gone: it stood unfinished for so long that it was taken for a left-over. Nothing names it; archive the range again.`,
        { retryable: true, facts: { path } },
      );
    }
    if (found.byteLength !== this.#written || found.crc32 !== this.#crc32 || found.rows !== totals.records) {
      throw new ArchiveError(
        'ARCHIVE_IO',
        `${path} does not read back as it was written; the disk is not to be trusted.`,
        {
          facts: { path, written: this.#written, rows: totals.records, found },
        },
      );
    }
    signal?.throwIfAborted();
    const name = fileName(stream.name, partition, totals.from, totals.to, ids.next(), 'parquet');
    if (!(await files.publish(path, name))) {
      throw new ArchiveError(
        'ARCHIVE_IO',
        `${name} exists already, though its id is new; check that ids are never used twice.`,
      );
    }
    const { fingerprint } = stream;
    return { name, partition, ...totals, byteLength: found.byteLength, sha256: this.#hash.digest('hex'), fingerprint };
  }
}

function noColumns(partition: number, baseOffset: number, nextOffset: number): Columns {
  const none = new Float64Array(0);
  const bytes = new Uint8Array(0);
  return {
    partition,
    baseOffset,
    nextOffset,
    count: 0,
    offsets: none,
    times: none,
    classes: bytes,
    eventTimes: none,
    fields: [],
    rejections: [],
  };
}
