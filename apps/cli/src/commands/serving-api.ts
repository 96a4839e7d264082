import { isTwofoldError } from '@twofold/schemas';
import { systemClock, type Clock } from '@twofold/service';
import type { RestatementSource } from '@twofold/serving-api';
import type { ViewStore } from '@twofold/view-store';
import type { Project } from '@twofold/views';
import path from 'node:path';
import { startBatchThread, type BatchThread } from '../batch-thread.ts';
import { formerViews } from '../former-views.ts';
import { loadProject } from '../load-project.ts';
import { loggerOf } from '../logger-of.ts';
import { openServing } from '../open-serving.ts';
import { followLog, openArchive, openStore, thisMachine, type Machine } from '../open-parts.ts';
import { restatementSource } from '../restatement-source.ts';
import { runOneService } from '../run-one-service.ts';
import type { CliSettings } from '../settings.ts';

/**
 * The GraphQL API as a process of its own: answers are made of the store alone. The log is looked at for what is told of
 * new releases, and archive and engine are there only for operators.
 */
export async function servingApi(projectFolder: string, values: CliSettings): Promise<number> {
  const { project } = await loadProject(projectFolder);
  const logger = loggerOf(values, 'serving-api');
  const start = async (freePort: () => Promise<void>) => {
    const machine = thisMachine(logger);
    const store = await openStore(project.id, values, machine, 'write');
    const closers: (() => Promise<unknown>)[] = [() => store.close()];
    const close = async (): Promise<void> => {
      for (let next = closers.pop(); next !== undefined; next = closers.pop()) await next();
    };
    const operations = await openOperations(projectFolder, values, closers);
    const restatements = await openFeed(project, values, machine, closers);
    await freePort();
    const parts = { store, clock: systemClock(), logger };
    const api = await openServing(project, parts, values, {
      operations: operations?.operations ?? null,
      former: await formerViews(project, { store, archive: openArchive(values, machine) }),
      restatements,
    }).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    closers.push(() => api.close());
    const stopped = new AbortController();
    const stop = async (): Promise<void> => {
      stopped.abort();
      await close();
    };
    const gone = untilGone(store, systemClock(), stopped.signal);
    const ended = operations === null ? gone : Promise.race([gone, operations.failed]);
    const readiness = () => Promise.resolve({ ready: true, reasons: [] });
    return { facts: { project: project.id, url: `${api.url}/graphql` }, ended, readiness, stop };
  };
  return runOneService({ start }, values, logger, { api: true });
}

/** Only with an operator's token: then what corrects and builds is here too, in a thread of its own. */
async function openOperations(
  projectFolder: string,
  values: CliSettings,
  closers: (() => Promise<unknown>)[],
): Promise<BatchThread | null> {
  if (values.operatorToken === null) return null;
  const thread = await startBatchThread({ projectFolder: path.resolve(projectFolder), values, scheduled: false });
  closers.push(() => thread.stop());
  return thread;
}

/** Only with Kafka: an embedded log is told of by the process that writes it. */
async function openFeed(
  project: Project,
  values: CliSettings,
  machine: Machine,
  closers: (() => Promise<unknown>)[],
): Promise<RestatementSource | null> {
  if (values.kafkaBrokers === null) return null;
  const log = await followLog(values, machine);
  closers.push(() => log.close());
  return restatementSource(project, log);
}

const LOOK_MS = 2_000;

/** What was replaced is never there again for this handle (E5): the process ends, and its successor opens the new store. */
async function untilGone(store: ViewStore, clock: Clock, signal: AbortSignal): Promise<never> {
  for (;;) {
    await clock.sleep(LOOK_MS, signal);
    await store.control.read(signal).catch((error: unknown) => {
      if (isTwofoldError(error) && error.code === 'STORE_GONE') throw error;
    });
  }
}
