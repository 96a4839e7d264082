import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePort } from '@twofold/service/testing';

const main = path.resolve(import.meta.dirname, '../../../tools/services/src/main.ts');

/** What `npm run services -- up cassandra` says of a server of a test's own. */
export interface OwnCassandra {
  readonly address: string;
  readonly pids: readonly number[];
  /** Of a secured one: the file with what it asks for. */
  readonly access?: string;
}

/** By folder: data are made for a port, and started again at it. */
const ports = new Map<string, string>();

/** Starts Cassandra in a folder of the test's own, whatever the environment names. */
export async function startCassandra(folder: string, ...flags: readonly string[]): Promise<OwnCassandra> {
  const port = ports.get(folder) ?? String(await freePort());
  ports.set(folder, port);
  const own = ['--data', folder, '--cassandra-port', port, '--patience', '600', '--for', String(process.pid)];
  const printed = await services('up', 'cassandra', ...own, ...flags, '--json');
  const [found] = JSON.parse(printed) as [OwnCassandra];
  return found;
}

export async function removeCassandra(folder: string): Promise<void> {
  await services('down', 'cassandra', '--data', folder, '--wipe');
}

async function services(...args: readonly string[]): Promise<string> {
  const { TWOFOLD_CASSANDRA_CONTACT_POINTS: _, ...env } = process.env;
  const own = ['--conditions=@twofold/source', main, ...args];
  const child = spawn(process.execPath, own, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let printed = '';
  child.stdout.on('data', (part: Buffer) => (printed += part.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new TypeError(`services ${args.join(' ')} ended with ${code}`);
  return printed;
}
