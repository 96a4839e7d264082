import path from 'node:path';
import { createParquetArchive } from '@twofold/archive-parquet';
import { createDuckDbEngine, type DuckDbEngine } from '@twofold/batch-engine-duckdb';
import type { BatchPorts } from '@twofold/batch-layer';
import type { ViewStore } from '@twofold/view-store';
import { silent, type BenchLog } from './bench-log.ts';

/** The engine has a process of its own, and wants to be closed. */
export interface BenchPorts extends BatchPorts {
  readonly engine: DuckDbEngine;
}

/** What a batch layer needs, in the bench's folder. */
export function batchPorts({ directory, log, clock, ids }: BenchLog, store: ViewStore): BenchPorts {
  const archive = createParquetArchive({ directory: path.join(directory, 'archive'), ids });
  const spillDirectory = path.join(directory, 'spill');
  const engine = createDuckDbEngine({ threads: 1, memoryLimitBytes: 2 ** 30, spillDirectory, clock });
  return { log, archive, engine, store, clock, ids, logger: silent };
}
