import path from 'node:path';
import type { Logger } from '@twofold/service';
import type { SpeedLayer } from '@twofold/speed-layer';
import type { Project } from '@twofold/views';
import { startBatchThread, type BatchThread } from './batch-thread.ts';
import { LogEraser } from './erase-log.ts';
import { formerViews } from './former-views.ts';
import { listenForRecords } from './ingest-socket.ts';
import { loadProject, type LoadedProject } from './load-project.ts';
import { loggerOf } from './logger-of.ts';
import { openServing } from './open-serving.ts';
import { openToWrite, type WritablePlatform } from './platform.ts';
import { restatementSource } from './restatement-source.ts';
import { runSpeed } from './run-speed.ts';
import type { CliSettings } from './settings.ts';
import { startFeed } from './start-feed.ts';

/** All three layers in this process. */
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
  given: CliSettings,
  options: { readonly scheduled: boolean },
): Promise<RunningPlatform> {
  const loaded = await loadProject(projectFolder);
  const { project } = loaded;
  const values = { ...given, dataFolder: path.resolve(given.dataFolder) };
  const logger = loggerOf(values, 'twofold');
  const platform = await openToWrite(project, values, logger);
  /** How to end what runs, in reverse order of starting. */
  const closers: (() => Promise<unknown>)[] = [() => platform.close()];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const batch = await startBatchThread({
      projectFolder: path.resolve(projectFolder),
      values,
      scheduled: options.scheduled,
    });
    closers.push(() => batch.stop());
    const former = await formerViews(project, platform);
    const { speed, ended, end } = await runSpeed(project, former, platform, values, logger);
    closers.push(end);
    const feed = startFeed(project, platform, logger);
    closers.push(feed.stop);
    const api = await openServing(project, { ...platform, logger }, values, {
      operations: batch.operations,
      former,
      restatements: restatementSource(project, platform.events),
    });
    closers.push(() => api.close());
    // What operators make nobody else may add to.
    const open = platform.topics.filter(({ stream }) => stream.change === undefined);
    const door = await listenForRecords(values.dataFolder, open, platform.events);
    closers.push(() => door.close());
    const never = new Promise<never>(() => undefined);
    const { erased, end: endErasing } = startErasing(project, platform, values, logger);
    closers.push(endErasing);
    const failed = Promise.race([
      batch.failed,
      erased.then(() => never),
      Promise.race([ended, feed.ended]).then(() => never),
    ]);
    failed.catch(() => undefined);
    return { ...loaded, platform, speed, batch, url: `${api.url}/graphql`, logger, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Of Kafka's topics retention lets go, not this program. */
function startErasing(
  project: Project,
  platform: WritablePlatform,
  { webhookUrl }: CliSettings,
  logger: Logger,
): { readonly erased: Promise<void>; readonly end: () => Promise<void> } {
  const { events } = platform;
  const stop = new AbortController();
  const erased =
    events.seal === undefined
      ? new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }))
      : new LogEraser({ ...platform, project, logger, webhookUrl }).run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await erased.catch(() => undefined);
  };
  return { erased, end };
}
