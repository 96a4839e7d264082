import { rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { systemClock } from '@twofold/service';
import { FRAME_FD, frameHeader, FrameKind, type ChildSettings, type Order } from '../child-protocol.ts';
import { sqlText } from '../sql-text.ts';
import { Job } from './job.ts';

/*
 * The process in which DuckDB runs, so that a crash of native code is an error of a job and not the end of a service.
 * It knows nothing of views: it runs the statements it is given. It lives as long as its standard input is open.
 */

const settings = JSON.parse(process.argv[2] ?? '{}') as ChildSettings;
const frames = new Socket({ fd: FRAME_FD, readable: false, writable: true });
const clock = systemClock();
const jobs = new Map<number, Job>();

const instance = start();
// A job that asks for a connection is told; here the rejection is only marked as seen.
instance.catch(() => undefined);

/** The settings of the spill folder are statements: given with the instance, the folder's limit is not kept. */
async function start(): Promise<DuckDBInstance> {
  const started = await DuckDBInstance.create(':memory:', {
    threads: String(settings.threads),
    memory_limit: `${settings.memoryLimitBytes}B`,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await started.connect();
  await connection.run(`set temp_directory = ${sqlText(settings.spillFolder)}`);
  if (settings.spillLimitBytes !== null)
    await connection.run(`set max_temp_directory_size = '${settings.spillLimitBytes}B'`);
  await connection.run('set lock_configuration = true');
  connection.closeSync();
  return started;
}

async function connect(): Promise<DuckDBConnection> {
  return (await instance).connect();
}

async function send(job: number, kind: FrameKind, payload: Uint8Array): Promise<void> {
  frames.write(frameHeader(payload.length, job, kind));
  if (!frames.write(payload)) await new Promise<void>((resolve) => frames.once('drain', resolve));
}

async function run(order: Extract<Order, { order: 'run' }>): Promise<void> {
  const job = new Job(order.credits, clock);
  jobs.set(order.job, job);
  try {
    await job.run(connect, order.sql, order.kinds, (block) => send(order.job, FrameKind.block, block));
    await send(order.job, FrameKind.done, new Uint8Array(0));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await send(order.job, FrameKind.failed, new TextEncoder().encode(message));
  } finally {
    jobs.delete(order.job);
  }
}

/** At once, also in the middle of a statement: nothing here is worth waiting for. */
function leave(): void {
  rmSync(settings.spillFolder, { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
}

/** A fault of this program: the parent gives every job its error and starts a new child. */
function fault(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`, leave);
}

process.on('unhandledRejection', fault);
process.on('uncaughtException', fault);
frames.on('error', leave);
const orders = createInterface({ input: process.stdin });
orders.on('close', leave);
orders.on('line', (line) => {
  const order = JSON.parse(line) as Order;
  if (order.order === 'run') void run(order);
  else if (order.order === 'more') jobs.get(order.job)?.more();
  else jobs.get(order.job)?.cancel();
});
