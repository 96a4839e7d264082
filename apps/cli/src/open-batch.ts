import { batchesFrom, createReducingEngine } from '@twofold/batch-engine';
import { BATCH_DEFAULTS, BatchLayer } from '@twofold/batch-layer';
import type { Logger } from '@twofold/service';
import type { Project } from '@twofold/views';
import { codeName } from './code-name.ts';
import { openEngine } from './open-engine.ts';
import { openStates } from './open-parts.ts';
import { openSourceEraser } from './open-source-eraser.ts';
import type { Platform } from './platform.ts';
import type { CliSettings } from './settings.ts';

/** The batch layer over the engine that the settings name. `close` ends the engine's process. */
export function openBatch(
  project: Project,
  platform: Platform,
  values: CliSettings,
  logger: Logger,
): { readonly layer: BatchLayer; readonly close: () => Promise<void> } {
  const { clock, archive } = platform;
  const engine = createReducingEngine(openEngine(values, { clock, logger }), batchesFrom(archive));
  const sources = openSourceEraser(project, platform, values, logger, (signal) => layer.archiveAll(signal));
  const layer: BatchLayer = new BatchLayer(
    { ...project, streams: platform.topics },
    { ...platform, engine, logger, sources, states: openStates(values, platform) },
    {
      ...BATCH_DEFAULTS,
      archiveMs: values.archiveEvery,
      schedule: values.schedule,
      engine: values.engine,
      code: codeName(),
    },
  );
  return { layer, close: () => engine.close() };
}
