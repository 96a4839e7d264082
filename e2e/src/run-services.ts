import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { canListen } from '@twofold/service/testing';
import { sleep } from './until.ts';

const MAIN = fileURLToPath(new URL('../../tools/services/src/main.ts', import.meta.url));
type ServiceName = 'kafka' | 'cassandra';

interface Found {
  readonly service: ServiceName;
  readonly address: string;
  readonly pids: readonly number[] | null;
  /** Of a secured server: the file that says what it wants. */
  readonly access?: string;
}

/** Runs `npm run services --` with these arguments. @throws with what it said when it failed */
export async function runServices(args: readonly string[], environment = process.env): Promise<readonly Found[]> {
  const child = spawn(process.execPath, ['--conditions=@twofold/source', MAIN, ...args, '--json'], {
    env: environment,
  });
  let printed = '';
  let said = '';
  child.stdout.on('data', (part: Buffer) => (printed += part.toString()));
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`services ${args.join(' ')} ended with ${code}: ${said}`);
  return JSON.parse(printed) as readonly Found[];
}

/** Where a Kafka and a Cassandra are. */
export interface Servers {
  readonly kafka: string;
  readonly cassandra: string;
  /** More of the environment that is needed to reach them: credentials, and whom to trust. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server of a test's own, in a folder of its own, that may be killed. */
export class OwnServer {
  readonly service: ServiceName;
  readonly port: number;
  readonly #folder: string;
  readonly #flags: readonly string[];
  #pids: readonly number[] = [];
  #address: string | null = null;
  #access: string | null = null;

  /** @param flags more of `up`, such as another heap or the port of a proxy before it */
  constructor(service: ServiceName, port: number, flags: readonly string[] = []) {
    this.service = service;
    this.port = port;
    this.#flags = flags;
    this.#folder = mkdtempSync(path.join(tmpdir(), `twofold-e2e-${service}-`));
  }

  /** Where clients come to: of a secured broker not its own port. */
  get address(): string {
    return this.#address ?? `127.0.0.1:${this.port}`;
  }

  /** File with the name and password that a secured server asks for, and the authority to trust. */
  get access(): string | null {
    return this.#access;
  }

  /** Starts it, or finds it running; resolves when it is healthy. Gives the milliseconds that took. */
  async up(): Promise<number> {
    const begun = performance.now();
    const own = [`--${this.service}-port`, String(this.port), '--for', String(process.pid)];
    const [found] = await this.#run('up', ...own, ...this.#flags);
    this.#pids = found?.pids ?? [];
    this.#address = found?.address ?? null;
    this.#access = found?.access ?? null;
    return performance.now() - begun;
  }

  /** SIGSTOP or SIGCONT: it answers nobody, or goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    for (const pid of this.#pids) process.kill(pid, signal);
  }

  /** kill -9; resolves when nobody listens any more, which takes a moment longer. */
  async killNine(): Promise<void> {
    for (const pid of this.#pids) process.kill(pid, 'SIGKILL');
    while (!(await canListen(this.port))) await sleep(20);
  }

  /** Resolves when its port is open, which is before it is healthy. */
  async listens(): Promise<void> {
    while (await canListen(this.port)) await sleep(50);
  }

  /** Stops it and removes its data. */
  async remove(): Promise<void> {
    await this.#run('down', '--wipe');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(verb: string, ...more: readonly string[]): Promise<readonly Found[]> {
    // Servers that the environment names are others'.
    const { TWOFOLD_KAFKA_BROKERS, TWOFOLD_CASSANDRA_CONTACT_POINTS, ...environment } = process.env;
    void [TWOFOLD_KAFKA_BROKERS, TWOFOLD_CASSANDRA_CONTACT_POINTS];
    return runServices([verb, this.service, '--data', this.#folder, ...more], environment);
  }
}

/** Of a process that was told to end. */
const ENDED = 143;

/** Servers outlive the process that starts them: who ends this one ends them too. */
export function removeWhenEnded(remove: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void remove().finally(() => process.exit(ENDED)));
}
