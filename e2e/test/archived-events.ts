import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ArchivedColumns, ArchiveFile, ColumnArchive } from '@twofold/archive';
import { createParquetArchive } from '@twofold/archive-parquet';
import type { SourceFile } from '@twofold/batch-engine';
import { archivedColumnsOf, type EventFile } from '@twofold/batch-engine/testing';
import {
  ArenaDictionary,
  emptyBatch,
  type Column,
  type Columns,
  type RecordBatch,
  type Stream,
} from '@twofold/schemas';
import { systemClock, systemRng, ulidIds } from '@twofold/service';

/** A Parquet archive in a folder of its own, and the files of a batch engine's contract written by it. */
export interface ArchivedEvents {
  readonly folder: string;
  readonly archive: ColumnArchive;
  makeSource(stream: Stream, files: readonly EventFile[]): Promise<readonly SourceFile[]>;
  /** The file behind a path that `makeSource` gave. */
  fileAt(path: string): ArchiveFile | undefined;
  remove(): void;
}

export function createArchivedEvents(): ArchivedEvents {
  const folder = mkdtempSync(path.join(tmpdir(), "twofold's [archive] "));
  const archive = createParquetArchive({
    directory: path.join(folder, 'archive'),
    ids: ulidIds(systemClock(), systemRng()),
  });
  const written = new Map<string, ArchiveFile>();
  return {
    folder,
    archive,
    async makeSource(stream, files) {
      const sources: SourceFile[] = [];
      for (const file of files) {
        const rows = archivedColumnsOf(stream, file);
        const writer = archive.create(stream, file.partition, file.from);
        // The archive has no file of no position.
        writer.append(batchOf(rows), columnsOf(rows), 0, rows.count, Math.max(file.to, file.from + 1));
        const archived = await writer.finish();
        const at = archive.locate(archived);
        written.set(at, archived);
        sources.push({ path: at, partition: file.partition, from: file.from, to: file.to });
      }
      return sources;
    },
    fileAt: (at) => written.get(at),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a log would have given for the rows; every key and value is null, since no engine reads them. */
function batchOf({ partition, from, to, count, offsets, logTimes }: ArchivedColumns): RecordBatch {
  const none = new Int32Array(count).fill(-1);
  return {
    ...emptyBatch(partition, from, to),
    count,
    offsets,
    times: logTimes,
    keyStarts: none,
    keyEnds: none,
    valueStarts: none,
    valueEnds: none,
  };
}

function columnsOf({ from, to, logTimes, fields, ...rows }: ArchivedColumns): Columns {
  const encoder = new TextEncoder();
  return {
    ...rows,
    baseOffset: from,
    nextOffset: to,
    times: logTimes,
    fields: fields.map((field): Column => {
      if (field.kind === 'number') return field;
      const dictionary = new ArenaDictionary();
      const ids = Int32Array.from(field.values, (text) => {
        if (text === null) return -1;
        const bytes = encoder.encode(text);
        return dictionary.intern(bytes, 0, bytes.length);
      });
      return { kind: 'text', ids, dictionary };
    }),
  };
}
