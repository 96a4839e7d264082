import { openToLook } from '../look.ts';
import { EXIT, iso, print, table } from '../output.ts';
import type { CliSettings } from '../settings.ts';

/** The history of batch runs, newest first. */
export async function runs(projectFolder: string, values: CliSettings, json: boolean, limit: number): Promise<number> {
  const { store, close } = await openToLook(projectFolder, values);
  try {
    const list = await store.runs.list({ limit });
    print(json, { runs: list }, () => [
      ...table([
        ['run', 'job', 'slot', 'state', 'took', 'release', 'what'],
        ...list.map((run) => [
          run.id,
          run.job,
          iso(run.slot),
          run.state,
          run.endedAt === null ? '-' : `${run.endedAt - run.startedAt} ms`,
          run.release ?? '-',
          run.error === null
            ? Object.entries(run.facts)
                .filter(([name]) => name !== 'beatAt')
                .map(([name, value]) => `${name} ${value}`)
                .join(', ')
            : `${run.error.code}: ${run.error.message}`,
        ]),
      ]),
    ]);
    return list[0]?.state === 'FAILED' || list[0]?.state === 'REFUSED' ? EXIT.unhealthy : EXIT.done;
  } finally {
    await close();
  }
}
