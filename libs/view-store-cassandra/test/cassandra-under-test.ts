import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { CassandraSettings } from '../src/index.ts';

const main = path.resolve(import.meta.dirname, '../../../tools/services/src/main.ts');

/**
 * A real Cassandra: the one that `TWOFOLD_CASSANDRA_CONTACT_POINTS` names, else one started here. Null, with the reason
 * printed, on a machine without Java.
 */
export async function cassandra(): Promise<CassandraSettings | null> {
  const { env } = process;
  if (env['TWOFOLD_CASSANDRA_CONTACT_POINTS'] === undefined && spawnSync('java', ['-version']).error !== undefined) {
    console.warn('SKIPPED: the Cassandra store against a real Cassandra: there is no java on this machine');
    return null;
  }
  const args = ['--conditions=@twofold/source', main, 'up', 'cassandra', '--json', '--for', String(process.pid)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new TypeError(`Cassandra was not started: npm run services -- up cassandra ended with ${code}`);
  const [found] = JSON.parse(Buffer.concat(chunks).toString()) as [{ address: string }];
  return {
    contactPoints: found.address.split(','),
    localDataCenter: 'datacenter1',
    keyspace: `twofold_test_${process.pid}`,
    replication: { datacenter1: 1 },
    requestTimeoutMs: 30_000,
  };
}
