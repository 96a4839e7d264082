import { parentPort, workerData } from 'node:worker_threads';
import { nodeCron } from '@twofold/batch-layer';
import { isTwofoldError } from '@twofold/schemas';
import { loadProject } from './load-project.ts';
import { loggerOf } from './logger-of.ts';
import { openBatch } from './open-batch.ts';
import { openToFollow } from './platform.ts';
import type { CliSettings } from './settings.ts';

/** What the thread is started with: plain data, since functions do not cross threads. */
export interface BatchThreadData {
  readonly projectFolder: string;
  readonly values: CliSettings;
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
  { projectFolder, values, scheduled }: BatchThreadData,
  reply: (reply: BatchReply) => void,
  onRequest: (take: (request: BatchRequest) => void) => void,
): Promise<void> {
  const { project } = await loadProject(projectFolder);
  const logger = loggerOf(values, 'batch-layer');
  const platform = await openToFollow(project, values, logger);
  const { layer, close } = openBatch(project, platform, values, logger);
  const stop = new AbortController();
  onRequest((request) => {
    if (request.kind === 'STOP') stop.abort();
    else
      layer.recompute(project.views, stop.signal).then(
        (result) => reply({ kind: 'DONE', call: request.call, release: result.release }),
        (error: unknown) => reply({ kind: 'FAILED', call: request.call, ...describe(error) }),
      );
  });
  const running = scheduled
    ? layer.run(nodeCron, stop.signal)
    : layer.archiveAll(stop.signal).then(() => waitFor(stop.signal));
  reply({ kind: 'READY' });
  await running.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  await close();
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
