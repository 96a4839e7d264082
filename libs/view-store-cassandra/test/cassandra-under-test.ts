import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { CassandraSettings } from '../src/index.ts';

const main = path.resolve(import.meta.dirname, '../../../tools/services/src/main.ts');

/**
 * A real Cassandra: the one that `TWOFOLD_CASSANDRA_CONTACT_POINTS` names, else one that is started here when
 * `TWOFOLD_TEST_SERVICES=1` asks for it. Null otherwise, with the reason printed.
 */
export async function cassandra(): Promise<CassandraSettings | null> {
  const { env } = process;
  if (env['TWOFOLD_CASSANDRA_CONTACT_POINTS'] === undefined && env['TWOFOLD_TEST_SERVICES'] !== '1') {
    console.warn(
      'SKIPPED: the Cassandra store on a real Cassandra; TWOFOLD_TEST_SERVICES=1 runs it (Java 17 and Maven)',
    );
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
