import { Worker } from 'node:worker_threads';
import { TwofoldError } from '@twofold/schemas';
import { CliError } from './errors.ts';
import type { Operations } from '@twofold/serving-api';
import type { BatchReply, BatchRequest, BatchThreadData, CallFailure } from './batch-worker.ts';

/** The batch layer in a thread of its own, so that writing Parquet and folding history do not hold up live answers. */
export interface BatchThread {
  /** Archives up to now, recomputes every view, promotes. Resolves with the new release's id, or null when nothing was new. */
  recompute(): Promise<string | null>;
  /** What operators do: it is done in the thread. */
  readonly operations: Operations;
  /** Asks the thread to end, and waits until it has. */
  stop(): Promise<void>;
  /** Rejects when the thread ends unasked. */
  readonly failed: Promise<never>;
}

export async function startBatchThread(data: BatchThreadData): Promise<BatchThread> {
  const worker = new Worker(
    new URL(import.meta.url.endsWith('.ts') ? './batch-worker.ts' : './batch-worker.js', import.meta.url),
    { workerData: data },
  );
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let asked = false;
  let next = 0;
  const exited = new Promise<number>((resolve) => worker.once('exit', resolve));
  const failure = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    void exited.then((code) => {
      if (!asked)
        reject(
          new CliError(
            'BATCH_THREAD_ENDED',
            `the batch layer's thread ended with code ${code}; see the log lines before this one`,
          ),
        );
    });
  });
  failure.catch((error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  const ready = new Promise<void>((resolve) => {
    worker.on('message', (reply: BatchReply) => {
      if (reply.kind === 'READY') resolve();
      else {
        const call = waiting.get(reply.call);
        waiting.delete(reply.call);
        if (reply.kind === 'DONE') call?.resolve(reply.value);
        else call?.reject(errorOf(reply));
      }
    });
  });
  await Promise.race([ready, failure]);
  const send = (request: BatchRequest): void => worker.postMessage(request);
  const call = (requestOf: (number: number) => BatchRequest): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(++next, { resolve, reject });
      send(requestOf(next));
    });
  return {
    recompute: async () => {
      const release = await call((number) => ({ kind: 'RECOMPUTE', call: number }));
      return typeof release === 'string' ? release : null;
    },
    operations: remoteOperations((operation, given) =>
      call((number) => ({ kind: 'OPERATE', call: number, operation, given })),
    ),
    stop: async () => {
      asked = true;
      send({ kind: 'STOP' });
      await exited;
    },
    failed: failure,
  };
}

function errorOf({ code, message, retryable, facts }: CallFailure): Error {
  return code === null
    ? new CliError('BATCH_THREAD_FAILED', message)
    : new TwofoldError(code, message, { retryable, facts });
}

/** Operations whose calls are sent: what is given and taken is plain data. */
function remoteOperations(
  send: (operation: keyof Operations, given: readonly unknown[]) => Promise<unknown>,
): Operations {
  return new Proxy({} as Operations, {
    get:
      (_, operation) =>
      (...given: readonly unknown[]) =>
        send(operation as keyof Operations, given),
  });
}
