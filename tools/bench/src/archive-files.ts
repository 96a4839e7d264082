import path from 'node:path';
import { createParquetArchive } from '@twofold/archive-parquet';
import { LogArchiver } from '@twofold/batch-layer';
import type { SourceFile } from '@twofold/batch-engine';
import { createDuckDbEngine, type DuckDbEngine } from '@twofold/batch-engine-duckdb';
import type { View } from '@twofold/views';
import { silent, TOPIC, type BenchLog } from './bench-log.ts';

/** What DuckDB may take, by hand and behind the engine. */
export const ENGINE_BYTES = 4 * 2 ** 30;

/** The log of a view's stream as files of an archive. */
export async function archiveFiles({ directory, log, clock, ids }: BenchLog, { stream }: View): Promise<SourceFile[]> {
  const archive = createParquetArchive({ directory: path.join(directory, 'archive'), ids, keepBytes: () => false });
  const archiver = new LogArchiver({ stream, topic: TOPIC }, { log, archive, clock, logger: silent });
  const state = await archiver.archiveUntilEnd([0], new AbortController().signal);
  await archiver.close();
  return state.files.map((file) => {
    return { path: archive.locate(file), partition: 0, from: file.from, to: file.to, archived: file };
  });
}

/** With its process: that runs as long as the batch layer does, and a start is no cost of a run (nor is the hand-written program's). */
export async function startedEngine(
  { directory, clock }: BenchLog,
  view: View,
  [first]: readonly SourceFile[],
): Promise<DuckDbEngine> {
  const engine = createDuckDbEngine({
    threads: 1,
    memoryLimitBytes: ENGINE_BYTES,
    spillDirectory: path.join(directory, 'spill'),
    clock,
  });
  const files = first === undefined ? [] : [{ ...first, to: first.from + 1 }];
  await engine.survey({ view, files, bucketMs: 60_000 });
  return engine;
}
