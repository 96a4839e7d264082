import { formerViews } from '../former-views.ts';
import { loadProject } from '../load-project.ts';
import { loggerOf } from '../logger-of.ts';
import { openToWrite, type WritablePlatform } from '../platform.ts';
import { runOneService } from '../run-one-service.ts';
import { runSpeed, type RunningSpeed } from '../run-speed.ts';
import { startLossWatch } from '../start-loss-watch.ts';
import type { CliSettings } from '../settings.ts';

/** The speed layer as a process of its own. */
export async function speedLayer(projectFolder: string, values: CliSettings): Promise<number> {
  const { project } = await loadProject(projectFolder);
  const logger = loggerOf(values, 'speed-layer');
  const openSpeed = async (platform: WritablePlatform): Promise<RunningSpeed> =>
    runSpeed(project, await formerViews(project, platform), platform, values, logger);
  const start = async () => {
    const platform = await openToWrite(project, values, logger);
    const { speed, ended, end } = await openSpeed(platform).catch(async (error: unknown) => {
      await platform.close();
      throw error;
    });
    const asked = new AbortController();
    // Beside the archiver's own: when the batch layer is down, this one says so in time.
    const losses = startLossWatch(platform, logger, asked.signal);
    const readiness = async () => {
      const reasons = speed.incidents.map((each) => `${each.stream} partition ${each.partition}: ${each.code}`);
      if ((await platform.store.control.read()) === null)
        reasons.push('the batch layer has not registered the project yet');
      return { ready: reasons.length === 0, reasons };
    };
    const stop = async (): Promise<void> => {
      asked.abort();
      await Promise.all([end(), losses.ended]);
      await platform.close();
    };
    return { facts: { project: project.id }, ended, readiness, stop };
  };
  return runOneService({ start }, values, logger, { api: false });
}
