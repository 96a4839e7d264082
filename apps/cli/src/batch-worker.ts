import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { BATCH_DEFAULTS, BatchLayer, nodeCron } from '@twofold/batch-layer';
import { createDuckDbEngine } from '@twofold/batch-engine-duckdb';
import { isTwofoldError } from '@twofold/schemas';
import { createLogger, type LogLevel } from '@twofold/service';
import { loadProject } from './load-project.ts';
import { openToFollow } from './platform.ts';

/** What the thread is started with: plain data, since functions do not cross threads. */
export interface BatchThreadData {
  readonly projectFolder: string;
  readonly dataFolder: string;
  readonly archiveMs: number;
  readonly schedule: string;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly logLevel: LogLevel;
  /** False: nothing runs by itself; runs are asked for. */
  readonly scheduled: boolean;
}

export type BatchRequest = { readonly kind: 'RECOMPUTE'; readonly call: number } | { readonly kind: 'STOP' };

export type BatchReply =
  | { readonly kind: 'READY' }
  | { readonly kind: 'DONE'; readonly call: number; readonly release: string | null }
  | { readonly kind: 'FAILED'; readonly call: number; readonly code: string; readonly message: string };

const port = parentPort;
if (port !== null)
  await runThread(
    workerData as BatchThreadData,
    (reply) => port.postMessage(reply),
    (take) => port.on('message', take),
  );

async function runThread(
  data: BatchThreadData,
  reply: (reply: BatchReply) => void,
  onRequest: (take: (request: BatchRequest) => void) => void,
): Promise<void> {
  const { project } = await loadProject(data.projectFolder);
  const platform = await openToFollow(project, data.dataFolder);
  const { clock } = platform;
  const logger = createLogger({
    name: 'batch-layer',
    level: data.logLevel,
    format: 'auto',
    stream: process.stderr,
    clock,
  });
  const engine = createDuckDbEngine({
    threads: data.threads,
    memoryLimitBytes: data.memoryBytes,
    spillDirectory: path.join(data.dataFolder, 'spill'),
    clock,
    logger,
  });
  const options = { ...BATCH_DEFAULTS, archiveMs: data.archiveMs, schedule: data.schedule };
  const layer = new BatchLayer(
    { id: project.id, streams: platform.topics, views: project.views },
    { ...platform, engine, logger },
    options,
  );
  const stop = new AbortController();
  onRequest((request) => {
    if (request.kind === 'STOP') stop.abort();
    else
      layer.recompute(project.views, stop.signal).then(
        (result) => reply({ kind: 'DONE', call: request.call, release: result.release }),
        (error: unknown) => reply({ kind: 'FAILED', call: request.call, ...describe(error) }),
      );
  });
  const running = data.scheduled
    ? layer.run(nodeCron, stop.signal)
    : layer.archiveAll(stop.signal).then(() => waitFor(stop.signal));
  reply({ kind: 'READY' });
  await running.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  await engine.close();
  await platform.close();
  port?.close();
}

function waitFor(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function describe(error: unknown): { code: string; message: string } {
  if (isTwofoldError(error)) return { code: error.code, message: error.message };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}
