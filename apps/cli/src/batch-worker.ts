import { parentPort, workerData } from 'node:worker_threads';
import { nodeCron, type BatchLayer } from '@twofold/batch-layer';
import { isTwofoldError } from '@twofold/schemas';
import type { Logger } from '@twofold/service';
import type { Operations } from '@twofold/serving-api';
import { loadProject } from './load-project.ts';
import { loggerOf } from './logger-of.ts';
import { openBatch } from './open-batch.ts';
import { createOperations } from './operations.ts';
import { openToFollow } from './platform.ts';
import type { CliSettings } from './settings.ts';

/** What the thread is started with: plain data, since functions do not cross threads. */
export interface BatchThreadData {
  readonly projectFolder: string;
  readonly values: CliSettings;
  /** False: nothing runs by itself; runs are asked for. */
  readonly scheduled: boolean;
}

export type BatchRequest =
  | { readonly kind: 'RECOMPUTE'; readonly call: number }
  | {
      readonly kind: 'OPERATE';
      readonly call: number;
      readonly operation: keyof Operations;
      readonly given: readonly unknown[];
    }
  | { readonly kind: 'STOP' };

export type BatchReply =
  | { readonly kind: 'READY' }
  /** What the call gives: plain data. */
  | { readonly kind: 'DONE'; readonly call: number; readonly value: unknown }
  | ({ readonly kind: 'FAILED'; readonly call: number } & CallFailure);

/** An error as it crosses threads; without a code nobody expected it. */
export interface CallFailure {
  readonly code: string | null;
  readonly message: string;
  readonly retryable: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

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
  const operations = createOperations({ project, platform, layer, cron: values.schedule, logger }, stop.signal);
  const answer = (call: number, work: Promise<unknown>): void => {
    work.then(
      (value) => reply({ kind: 'DONE', call, value }),
      (error: unknown) => reply({ kind: 'FAILED', call, ...describe(error) }),
    );
  };
  onRequest((request) => {
    if (request.kind === 'STOP') stop.abort();
    else if (request.kind === 'RECOMPUTE')
      answer(
        request.call,
        layer.recompute(project.views, stop.signal).then(({ release }) => release),
      );
    else answer(request.call, operate(operations, request.operation, request.given));
  });
  const running = scheduled
    ? layer.run(nodeCron, stop.signal)
    : archiveOnce(layer, logger, stop.signal).then(() => waitFor(stop.signal));
  reply({ kind: 'READY' });
  await running.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  await close();
  await platform.close();
  port?.close();
}

/** What stands in the way of a stream, or of all for now, is named again by what operators ask for; the rest goes on. */
async function archiveOnce(layer: BatchLayer, logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    await layer.archiveAll(signal);
  } catch (error) {
    if (!isTwofoldError(error) || error.code === 'STORE_GONE') throw error;
    logger.error('not every log could be archived', { code: error.code, message: error.message });
  }
}

function waitFor(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The arguments are those that the proxy on the other side was called with: it has the same type. */
async function operate(
  operations: Operations,
  operation: keyof Operations,
  given: readonly unknown[],
): Promise<unknown> {
  const named = operations as unknown as Readonly<Record<string, (...of: readonly unknown[]) => Promise<unknown>>>;
  return named[operation]?.(...given);
}

function describe(error: unknown): CallFailure {
  if (isTwofoldError(error)) {
    const { code, message, retryable, facts } = error;
    return { code, message, retryable, facts: { gate: facts?.['gate'] ?? null, diff: facts?.['diff'] ?? null } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: null, message, retryable: false, facts: {} };
}
