import { setPriority } from 'node:os';
import { nodeCron } from '@twofold/batch-layer';
import { loadProject } from '../load-project.ts';
import { loggerOf } from '../logger-of.ts';
import { openBatch } from '../open-batch.ts';
import { openToWrite } from '../platform.ts';
import { runOneService } from '../run-one-service.ts';
import type { CliSettings } from '../settings.ts';
import { startFeed } from '../start-feed.ts';
import { startLossWatch } from '../start-loss-watch.ts';

/** The batch layer as a process of its own: archive, schedule, releases. */
export async function batchLayer(projectFolder: string, values: CliSettings): Promise<number> {
  const { project } = await loadProject(projectFolder);
  const logger = loggerOf(values, 'batch-layer');
  // Before the engine's process begins, which takes it over: what is served has to be fresh while it builds.
  setPriority(values.batchNice);
  const start = async () => {
    const platform = await openToWrite(project, values, logger);
    const { layer, close } = openBatch(project, platform, values, logger);
    const asked = new AbortController();
    const feed = startFeed(project, platform, logger);
    const losses = startLossWatch(platform, logger, asked.signal);
    const ran = layer.run(nodeCron, asked.signal).catch((error: unknown) => {
      if (!asked.signal.aborted) throw error;
    });
    const ended = Promise.race([ran, feed.ended]);
    const readiness = async () => {
      const reasons = losses.watch.risks.map(({ message }) => message);
      reasons.push(...layer.troubles);
      if ((await platform.store.control.read()) === null) reasons.push('the project is not registered yet');
      return { ready: reasons.length === 0, reasons };
    };
    const stop = async (): Promise<void> => {
      asked.abort();
      await ran.catch(() => undefined);
      await Promise.all([feed.stop(), losses.ended]);
      await close();
      await platform.close();
    };
    return { facts: { project: project.id }, ended, readiness, stop };
  };
  return runOneService({ start }, values, logger, { api: false });
}
