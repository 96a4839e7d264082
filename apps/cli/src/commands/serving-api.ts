import { isTwofoldError } from '@twofold/schemas';
import { systemClock, type Clock } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import { loadProject } from '../load-project.ts';
import { loggerOf } from '../logger-of.ts';
import { openServing } from '../open-serving.ts';
import { openStore, thisMachine } from '../open-parts.ts';
import { runOneService } from '../run-one-service.ts';
import type { CliSettings } from '../settings.ts';

/** The GraphQL API as a process of its own: it sees the store, and never the log. */
export async function servingApi(projectFolder: string, values: CliSettings): Promise<number> {
  const { project } = await loadProject(projectFolder);
  const logger = loggerOf(values, 'serving-api');
  const start = async (freePort: () => Promise<void>) => {
    const store = await openStore(project.id, values, thisMachine(logger), 'write');
    await freePort();
    const api = await openServing(project, { store, clock: systemClock(), logger }, values).catch(
      async (error: unknown) => {
        await store.close();
        throw error;
      },
    );
    const stopped = new AbortController();
    const stop = async (): Promise<void> => {
      stopped.abort();
      await api.close();
      await store.close();
    };
    const ended = untilGone(store, systemClock(), stopped.signal);
    const readiness = () => Promise.resolve({ ready: true, reasons: [] });
    return { facts: { project: project.id, url: `${api.url}/graphql` }, ended, readiness, stop };
  };
  return runOneService({ start }, values, logger, { api: true });
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
