import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { startServingApi } from '@twofold/serving-api';
import { createLogger, type Logger } from '@twofold/service';
import { runSpeedLayer, type SpeedLayer } from '@twofold/speed-layer';
import { startBatchThread, type BatchThread } from './batch-thread.ts';
import { listenForRecords } from './ingest-socket.ts';
import { loadProject, type LoadedProject } from './load-project.ts';
import { openToWrite, type WritablePlatform } from './platform.ts';
import { alarmSides, runDelivery } from './run-alarms.ts';
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
  const stop = new AbortController();
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
    const speed = runSpeedLayer(
      { streams: platform.topics, views: project.views },
      { ...platform, logger },
      stop.signal,
    );
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
    const ended = Promise.all([speed.done, delivery]);
    const door = await listenForRecords(dataFolder, platform.topics, platform.events);
    const failed = Promise.race([batch.failed, ended.then(() => new Promise<never>(() => undefined))]);
    failed.catch(() => undefined);
    const close = async (): Promise<void> => {
      await api.close();
      await door.close();
      await batch.stop();
      stop.abort();
      await ended;
      await platform.close();
    };
    return { ...loaded, platform, speed, batch, url: api.url, logger, failed, stop: close };
  } catch (error) {
    stop.abort();
    await platform.close();
    throw error;
  }
}
