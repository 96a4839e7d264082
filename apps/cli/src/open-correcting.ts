import { existsSync } from 'node:fs';
import path from 'node:path';
import type { BatchLayer } from '@twofold/batch-layer';
import type { Logger } from '@twofold/service';
import type { Project } from '@twofold/views';
import { CliError } from './errors.ts';
import { loadProject } from './load-project.ts';
import { loggerOf } from './logger-of.ts';
import { openBatch } from './open-batch.ts';
import { openToFollow, type Platform } from './platform.ts';
import type { CliSettings } from './settings.ts';

/** What a command needs to change releases: a batch layer of its own, beside any that runs. */
export interface Correcting {
  readonly project: Project;
  readonly platform: Platform;
  readonly layer: BatchLayer;
  readonly logger: Logger;
  /** Ctrl-C: what is under way is given up, and the served release stays. */
  readonly signal: AbortSignal;
}

/**
 * Opens the parts beside the services that run, or where none do. The control row's compare-and-set decides between this
 * command and everybody else.
 */
export async function correcting<T>(
  projectFolder: string,
  given: CliSettings,
  work: (of: Correcting) => Promise<T>,
): Promise<T> {
  const { project } = await loadProject(projectFolder);
  const values = { ...given, dataFolder: path.resolve(given.dataFolder) };
  if (values.cassandraContactPoints === null && !existsSync(path.join(values.dataFolder, 'store')))
    throw new CliError(
      'NO_DATA',
      `there is no data in ${values.dataFolder} yet. Start twofold dev, or name another folder with --data-folder.`,
    );
  const logger = loggerOf(values, 'twofold');
  const platform = await openToFollow(project, values, logger);
  const { layer, close } = openBatch(project, platform, values, logger);
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    return await work({ project, platform, layer, logger, signal: stop.signal });
  } finally {
    process.off('SIGINT', onInterrupt);
    await close();
    await platform.close();
  }
}
