import path from 'node:path';
import type { BatchEngine } from '@twofold/batch-engine';
import { createDuckDbEngine } from '@twofold/batch-engine-duckdb';
import { createSparkEngine, sparkIn } from '@twofold/batch-engine-spark';
import { systemClock } from '@twofold/service';

/** Opens an engine once for all cases; `folder` is its own. */
export type OpenEngine = (folder: string) => Promise<BatchEngine>;

/** Engines that are compared with the fold of the speed layer and with the oracle, by the name that `--engine` takes. */
export const ENGINES: Readonly<Record<string, OpenEngine>> = {
  duckdb: async (folder) =>
    createDuckDbEngine({
      threads: 1,
      memoryLimitBytes: 500_000_000,
      spillDirectory: path.join(folder, 'spill'),
      clock: systemClock(),
    }),
  spark: async (folder) => {
    const home = process.env['TWOFOLD_SPARK_HOME'] ?? null;
    const install = sparkIn(home);
    if (install === null) throw new TypeError(`TWOFOLD_SPARK_HOME names ${home ?? ''}, where there is no Spark`);
    return createSparkEngine({
      master: null,
      install,
      python: process.env['TWOFOLD_SPARK_PYTHON'] ?? 'python3',
      threads: 1,
      memoryLimitBytes: 1 << 30,
      workDirectory: folder,
      clock: systemClock(),
    });
  },
};
