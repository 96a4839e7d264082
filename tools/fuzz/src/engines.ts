import { existsSync } from 'node:fs';
import path from 'node:path';
import { createParquetArchive } from '@twofold/archive-parquet';
import { batchesFrom, createReducingEngine, type BatchEngine, type ReadBatches } from '@twofold/batch-engine';
import { createDuckDbEngine } from '@twofold/batch-engine-duckdb';
import { createSparkEngine, sparkIn } from '@twofold/batch-engine-spark';
import { systemClock, systemRng, ulidIds } from '@twofold/service';

/** Opens an engine once for all cases; `folder` is its own. */
export type OpenEngine = (folder: string) => Promise<BatchEngine>;

/** Where `npm run services -- up spark` puts it. */
const fetchedSpark = path.resolve(import.meta.dirname, '../../../.cache/services/artefacts/spark-4.3.0');

/** Engines that are compared with the fold of the speed layer and with the oracle, by the name that `--engine` takes. */
export const ENGINES: Readonly<Record<string, OpenEngine>> = {
  duckdb: async (folder) =>
    reducing(
      createDuckDbEngine({
        threads: 1,
        memoryLimitBytes: 500_000_000,
        spillDirectory: path.join(folder, 'spill'),
        clock: systemClock(),
      }),
    ),
  spark: async (folder) => {
    const home = process.env['TWOFOLD_SPARK_HOME'] ?? (existsSync(fetchedSpark) ? fetchedSpark : null);
    const install = sparkIn(home);
    if (install === null) throw new TypeError(`TWOFOLD_SPARK_HOME names ${home ?? ''}, where there is no Spark`);
    const engine = createSparkEngine({
      master: null,
      install,
      python: process.env['TWOFOLD_SPARK_PYTHON'] ?? 'python3',
      threads: 2,
      memoryLimitBytes: 1 << 30,
      workDirectory: folder,
      // Some of the cases' logs have more, so that plans of both kinds are compared.
      smallJobBytes: 14 << 10,
      clock: systemClock(),
    });
    return reducing(engine);
  },
};

const ids = ulidIds(systemClock(), systemRng());

/** Reads a file out of the archive that it lies in: each log of a run has one of its own. */
const readBatches: ReadBatches = (file, stream) => {
  const { path: whole, archived } = file;
  const directory = whole.slice(0, whole.length - (archived?.name.length ?? 0));
  return batchesFrom(createParquetArchive({ directory, ids }))(file, stream);
};

/** With what takes views that no SQL is for, as the platform has it. */
function reducing(engine: BatchEngine): BatchEngine {
  return createReducingEngine(engine, readBatches);
}
