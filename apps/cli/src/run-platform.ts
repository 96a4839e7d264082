import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { startServingApi } from '@twofold/serving-api';
import { createLogger, type Logger } from '@twofold/service';
import { runSpeedLayer, type SpeedLayer } from '@twofold/speed-layer';
import type { Project } from '@twofold/views';
import { startBatchThread, type BatchThread } from './batch-thread.ts';
import { listenForRecords } from './ingest-socket.ts';
import { loadProject, type LoadedProject } from './load-project.ts';
import { openToWrite, type WritablePlatform } from './platform.ts';
import { alarmSides, beginAlarms, runDelivery, type AlarmSetting } from './run-alarms.ts';
import type { CliSettings } from './settings.ts';

/** All three layers over one data folder, in this process. */
export interface RunningPlatform extends LoadedProject {
  readonly platform: WritablePlatform;
  readonly speed: SpeedLayer;
  readonly batch: BatchThread;
  /** Where the API answers. */
  readonly url: string;
  readonly logger: Logger;
  /** Rejects when a layer ends unasked. */
  readonly failed: Promise<never>;
  /** Drains: no new requests, everything read is written, then the files are closed. */
  stop(): Promise<void>;
}

/** @param options.scheduled false: batch runs are only made when asked for */
export async function runPlatform(
  projectFolder: string,
  values: CliSettings,
  options: { readonly scheduled: boolean },
): Promise<RunningPlatform> {
  const loaded = await loadProject(projectFolder);
  const { project } = loaded;
  const dataFolder = path.resolve(values.dataFolder);
  const logger = createLogger({
    name: 'twofold',
    level: values.logLevel,
    format: 'auto',
    stream: process.stderr,
    clock: { now: Date.now },
  });
  const platform = await openToWrite(project, dataFolder, values.partitions, logger);
  /** How to end what runs, in reverse order of starting. */
  const closers: (() => Promise<unknown>)[] = [() => platform.close()];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const batch = await startBatchThread({
      projectFolder: path.resolve(projectFolder),
      dataFolder,
      archiveMs: values.archiveEvery,
      schedule: values.schedule,
      threads: values.engineThreads,
      memoryBytes: values.engineMemory,
      logLevel: values.logLevel,
      scheduled: options.scheduled,
    });
    closers.push(() => batch.stop());
    const alarms = { project, ...platform, logger, webhookUrl: values.webhookUrl };
    await beginAlarms(alarms);
    const { speed, ended, end } = startSpeed(project, platform, alarms, logger);
    closers.push(end);
    const api = await startServingApi({
      views: project.views,
      streams: project.streams,
      store: platform.store,
      clock: platform.clock,
      logger,
      host: values.host,
      port: values.port,
      cursorSecret: values.cursorSecret ?? randomBytes(32).toString('hex'),
    });
    closers.push(() => api.close());
    const door = await listenForRecords(dataFolder, platform.topics, platform.events);
    closers.push(() => door.close());
    const failed = Promise.race([batch.failed, ended.then(() => new Promise<never>(() => undefined))]);
    failed.catch(() => undefined);
    return { ...loaded, platform, speed, batch, url: `${api.url}/graphql`, logger, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The speed layer with its alarms, and their delivery. `end` drains both. */
function startSpeed(project: Project, platform: WritablePlatform, alarms: AlarmSetting, logger: Logger) {
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
