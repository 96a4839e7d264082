import path from 'node:path';
import type { BatchEngine } from '@twofold/batch-engine';
import { createDuckDbEngine } from '@twofold/batch-engine-duckdb';
import { createSparkEngine, sparkIn } from '@twofold/batch-engine-spark';
import type { Clock, Logger } from '@twofold/service';
import { CliError } from './errors.ts';
import type { CliSettings } from './settings.ts';

/** The engine that the settings name. Its process starts with its first job. @throws ENGINE_MISSING */
export function openEngine(values: CliSettings, { clock, logger }: { clock: Clock; logger: Logger }): BatchEngine {
  const common = { threads: values.engineThreads, memoryLimitBytes: values.engineMemory, clock, logger };
  if (values.engine === 'duckdb')
    return createDuckDbEngine({ ...common, spillDirectory: path.join(values.dataFolder, 'spill') });
  const install = sparkIn(values.sparkHome);
  if (install === null)
    throw new CliError(
      'ENGINE_MISSING',
      `there is no Spark in ${path.resolve(values.sparkHome ?? '.')}, which sparkHome names. Name a distribution, or the folder that pip has put pyspark into; npm run services -- up spark fetches one and says where.`,
    );
  return createSparkEngine({
    ...common,
    install,
    master: values.sparkMaster,
    python: values.sparkPython,
    workDirectory: values.sparkFolder ?? path.join(values.dataFolder, 'spark'),
  });
}
