import { existsSync } from 'node:fs';
import { stopService } from './down.ts';
import { fetchSpark, sparkFolder } from './fetch-spark.ts';
import { withFolderLock } from './folder-lock.ts';
import type { Options } from './options.ts';
import { statusOf } from './status.ts';
import { type Surroundings, startService } from './up.ts';

/** Carries out one command; gives the exit code and, for `--json`, what it found. */
export async function runServices(
  options: Options,
  { env, say }: Surroundings,
): Promise<{ code: number; result: unknown }> {
  if (options.verb === 'status') {
    const all = await Promise.all(options.services.map((service) => statusOf(service, options, env)));
    for (const { service, nodes } of all) {
      if (nodes.length === 0) say(`${service}: was never started here`);
      for (const { address, pid, state } of nodes) {
        say(`${service} ${address}: ${state}${pid === null ? '' : ` (pid ${pid})`}`);
      }
    }
    const fetched = !options.spark || existsSync(sparkFolder(options));
    if (options.spark) say(`spark: ${fetched ? `fetched, in ${sparkFolder(options)}` : 'not fetched'}`);
    return { code: fetched && all.every(({ healthy }) => healthy) ? 0 : 3, result: all };
  }
  return withFolderLock(options.folder, say, async () => {
    const result: unknown[] = [];
    for (const service of options.services) {
      if (options.verb === 'up') result.push(await startService(service, options, { env, say }));
      else await stopService(service, options, say);
    }
    if (options.spark && options.verb === 'up') result.push(await fetchSpark(options, { env, say }));
    if (options.spark && options.verb === 'down') say('spark: runs only while a batch engine does');
    return { code: 0, result };
  });
}
