import { rm } from 'node:fs/promises';
import { existingCluster, serviceFolder } from './cluster.ts';
import { stop } from './node-process.ts';
import type { Options } from './options.ts';
import type { ServiceName } from './runtimes.ts';
import { clearUsers, removeUser } from './users.ts';

const patienceMs = 30_000;

/** Stops the nodes that this tool started; data stays unless it is to be wiped. */
export async function stopService(service: ServiceName, options: Options, say: (line: string) => void): Promise<void> {
  const folder = serviceFolder(options, service);
  const cluster = await existingCluster(options, service);
  if (cluster === null) {
    say(`${service}: was never started here`);
    return;
  }
  if (options.user !== undefined && !(await removeUser(folder, options.user))) {
    say(`${service}: left up, others need it`);
    return;
  }
  const stopped = await Promise.all(cluster.nodes.map((node) => stop(node.folder, { patienceMs })));
  await clearUsers(folder);
  say(`${service} ${cluster.version}: ${stopped.includes(true) ? 'stopped' : 'was not up'}`);
  if (!options.wipe) return;
  await rm(folder, { recursive: true, force: true });
  say(`${service}: data removed`);
}
