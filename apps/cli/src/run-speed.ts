import type { Logger } from '@twofold/service';
import { runSpeedLayer, type SpeedLayer } from '@twofold/speed-layer';
import type { Project } from '@twofold/views';
import type { WritablePlatform } from './platform.ts';
import { alarmSides, beginAlarms, runDelivery } from './run-alarms.ts';

export interface RunningSpeed {
  readonly speed: SpeedLayer;
  /** Rejects when the store is gone or a delivery fails for good. */
  readonly ended: Promise<unknown>;
  /** Drains: what was read is written. */
  readonly end: () => Promise<void>;
}

/** The speed layer with its alarms, and their delivery. */
export async function runSpeed(
  project: Project,
  platform: WritablePlatform,
  { logger, webhookUrl }: { logger: Logger; webhookUrl: string | null },
): Promise<RunningSpeed> {
  const alarms = { project, ...platform, logger, webhookUrl };
  await beginAlarms(alarms);
  const stop = new AbortController();
  const task = { streams: platform.topics, views: project.views, sides: alarmSides(alarms) };
  const speed = runSpeedLayer(task, { ...platform, logger }, stop.signal);
  const ended = Promise.all([speed.done, runDelivery(alarms, stop.signal)]);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { speed, ended, end };
}
