import { rmSync } from 'node:fs';
import { createParquetArchive } from '@twofold/archive-parquet';
import type { SourceFile } from '@twofold/batch-engine';
import { classify, type ClassifiedRecord } from '@twofold/oracle';
import { createClassifier, createDecoder, type Columns } from '@twofold/schemas';
import { memoryBatch } from '@twofold/schemas/testing';
import { systemClock, systemRng, ulidIds } from '@twofold/service';
import type { RandomLog } from './random-log.ts';

/** A log as the platform has it once it was decoded, classified and archived; and as the oracle reads it. */
export interface ArchivedLog {
  readonly source: RandomLog;
  /** Of each partition, all of it. */
  readonly columns: readonly Columns[];
  readonly files: readonly SourceFile[];
  readonly classified: readonly ClassifiedRecord[];
}

/**
 * Reads a log as services do, and writes it into an archive of its own: what was in the folder is gone.
 * @param fileEnds by partition, where its files but the last end
 */
export async function archiveLog(
  folder: string,
  source: RandomLog,
  fileEnds: readonly (readonly number[])[],
): Promise<ArchivedLog> {
  rmSync(folder, { recursive: true, force: true });
  const { stream } = source.random;
  const archive = createParquetArchive({ directory: folder, ids: ulidIds(systemClock(), systemRng()) });
  const all: Columns[] = [];
  const files: SourceFile[] = [];
  for (const [partition, end] of source.ends.entries()) {
    const own = source.records.filter((record) => record.partition === partition);
    const list = own.map(({ value, logTime, offset }) => ({ value, time: logTime, offsetDelta: offset }));
    const batch = memoryBatch(partition, 0, list, end);
    const columns = createDecoder(stream).decode(batch);
    createClassifier(stream).classify(columns);
    all.push(columns);
    const rowAt = (offset: number): number => own.filter((record) => record.offset < offset).length;
    let from = 0;
    for (const to of [...(fileEnds[partition] ?? []), end]) {
      if (to <= from) continue;
      const writer = archive.create(stream, partition, from);
      writer.append(batch, columns, rowAt(from), rowAt(to), to);
      const archived = await writer.finish();
      files.push({ path: archive.locate(archived), partition, from, to, archived });
      from = to;
    }
  }
  return { source, columns: all, files, classified: classify(stream, source.records, []) };
}
