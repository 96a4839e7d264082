import { systemClock } from '@twofold/service';
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
  const start = async () => {
    const store = await openStore(project.id, values, thisMachine(logger), 'write');
    const api = await openServing(project, { store, clock: systemClock(), logger }, values).catch(
      async (error: unknown) => {
        await store.close();
        throw error;
      },
    );
    const stop = async (): Promise<void> => {
      await api.close();
      await store.close();
    };
    const never = new Promise<never>(() => undefined);
    const readiness = () => Promise.resolve({ ready: true, reasons: [] });
    return { facts: { project: project.id, url: `${api.url}/graphql` }, ended: never, readiness, stop };
  };
  return runOneService({ start }, values, logger, { api: true });
}
