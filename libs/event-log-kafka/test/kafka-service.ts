import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const main = path.join(root, 'tools/services/src/main.ts');

const flags = ['--conditions=@twofold/source', main];

export interface ServicesRun {
  readonly code: number | null;
  readonly printed: string;
  readonly said: string;
}

/** Runs `npm run services --` with these arguments; gives its exit code and what it printed. */
export function services(...args: readonly string[]): ServicesRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...args], { cwd: root, encoding: 'utf8' });
  return { code: status, printed: stdout, said: stderr };
}

/** The same of servers of a test's own, whatever the environment names, while this process goes on with its work. */
export async function servicesBeside(...args: readonly string[]): Promise<ServicesRun> {
  const { TWOFOLD_KAFKA_BROKERS: _, ...env } = process.env;
  const child = spawn(process.execPath, [...flags, ...args], { cwd: root, env });
  const texts = { printed: '', said: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.said += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...texts };
}

/**
 * The brokers that tests use: those of TWOFOLD_KAFKA_BROKERS, else, with TWOFOLD_TEST_SERVICES=1, a broker that is
 * started when none runs. Null when neither is set and on a machine without Java; the tests then say that they are
 * skipped.
 */
export function findKafka(): readonly string[] | null {
  if (process.env['TWOFOLD_KAFKA_BROKERS'] === undefined && process.env['TWOFOLD_TEST_SERVICES'] !== '1') {
    console.log('SKIPPED: the tests on a real Kafka; TWOFOLD_TEST_SERVICES=1 runs them (Java 17 and Maven)');
    return null;
  }
  const { code, printed, said } = services('up', 'kafka', '--json', '--for', String(process.pid));
  if (code !== 0) {
    if (!/needs Java|fetched by Maven/.test(said)) throw new TypeError(`Kafka could not be started:\n${said}`);
    console.log(`Skipped: the tests on a real Kafka. ${said}`);
    return null;
  }
  const found: unknown = JSON.parse(printed);
  const first: unknown = Array.isArray(found) ? found[0] : undefined;
  if (typeof first === 'object' && first !== null && 'address' in first && typeof first.address === 'string') {
    return first.address.split(',');
  }
  throw new TypeError(`the services said ${printed}`);
}
