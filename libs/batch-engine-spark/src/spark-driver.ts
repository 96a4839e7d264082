import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EngineError } from '@twofold/batch-engine';
import type { Clock } from '@twofold/service';
import { REPLY_FD, type DriverSettings, type Order, type Reply, type RunOrder } from './driver-protocol.ts';
import { sparkError, type JobFacts } from './spark-error.ts';

/** A Spark that does not answer by then is given up. */
const START_MS = 180_000;
/** A cancelled job that has not ended by then is ended with its process. */
const CANCEL_GRACE_MS = 20_000;
/** How much of the driver's standard error is kept for messages. */
const STDERR_CHARS = 8_000;

export interface DriverOptions {
  /** The Python that runs the driver: a command, or a path. */
  readonly python: string;
  readonly settings: DriverSettings;
  /** The driver's own, in which it is started; it is gone when the driver is. */
  readonly workFolder: string;
  /** A job that runs for longer is ended. */
  readonly jobTimeoutMs: number;
  readonly clock: Clock;
}

export type JobOrder = Omit<RunOrder, 'order'> & Pick<JobFacts, 'files'>;

interface WaitingJob {
  readonly end: (error: unknown) => void;
  /** Aborted when the driver has said its last word about the job, or is gone. */
  readonly closing: AbortController;
}

/**
 * One driver process, the Java process that it starts, and the jobs in them. When it dies, every job fails with
 * ENGINE_CRASHED, or with ENGINE_OUT_OF_MEMORY where it said so, and it stays dead.
 */
export class SparkDriver {
  readonly exited: Promise<void>;
  /** Rejects with the error of a Spark that could not be started. */
  readonly #ready: Promise<void>;
  #alive = true;
  #started = false;
  #stderr = '';
  readonly #jobs = new Map<number, WaitingJob>();
  readonly #process: ChildProcess;
  readonly #options: DriverOptions;
  readonly #starting = Promise.withResolvers<void>();
  readonly #waitsForStart = new AbortController();

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#process = startDriver(options);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.exited = promise;
    this.#ready = this.#starting.promise;
    this.#ready.catch(() => undefined);
    this.#process.once('error', (error) => {
      this.#died(`could not be started: ${error.message}`);
      resolve();
    });
    this.#process.once('exit', (code, signal) => {
      // What it started does not outlive it.
      this.#kill();
      this.#died(signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`);
      resolve();
    });
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-STDERR_CHARS);
    });
    // A write to a driver that just died; that it died is told by 'exit'.
    this.#process.stdin?.on('error', () => undefined);
    this.#readReplies();
    void this.#giveUpLateStart();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Process id, which is also its process group's; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the job's rows are in its folder. @throws EngineError, or the signal's reason */
  async run({ files, ...order }: JobOrder, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { job, what } = order;
    const ended = Promise.withResolvers<void>();
    const closing = new AbortController();
    const end = (error: unknown): void => {
      if (error === null) ended.resolve();
      else ended.reject(error instanceof SaidBySpark ? sparkError(error.message, { what, files }) : error);
    };
    const abort = (): void => {
      end(signal?.reason);
    };
    this.#jobs.set(job, { end, closing });
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#ready, ended.promise]);
      this.#send({ order: 'run', ...order });
      void this.#endLate(job, end, closing.signal);
      await ended.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      if (!closing.signal.aborted) void this.#cancel(job, closing.signal);
    }
  }

  /** Ends the driver at once; its jobs fail with `error`. Resolves when the process is gone. */
  async close(error: EngineError): Promise<void> {
    for (const { end } of this.#jobs.values()) end(error);
    this.#kill();
    await this.exited;
  }

  #send(order: Order): void {
    if (this.#alive) this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #readReplies(): void {
    const pipe = this.#process.stdio[REPLY_FD];
    if (!(pipe instanceof Readable)) return;
    pipe.on('error', () => undefined);
    createInterface({ input: pipe }).on('line', (line) => {
      this.#take(JSON.parse(line) as Reply);
    });
  }

  #take(reply: Reply): void {
    if ('ready' in reply) {
      this.#started = true;
      this.#waitsForStart.abort();
      this.#starting.resolve();
      return;
    }
    const job = this.#jobs.get(reply.job);
    this.#jobs.delete(reply.job);
    job?.closing.abort();
    job?.end('failed' in reply ? new SaidBySpark(reply.failed) : null);
  }

  async #giveUpLateStart(): Promise<void> {
    await this.#options.clock.sleep(START_MS, this.#waitsForStart.signal).catch(() => undefined);
    if (this.#waitsForStart.signal.aborted || !this.#alive) return;
    this.#died(`did not get Spark to answer within ${START_MS / 1_000} s`);
    this.#kill();
  }

  async #endLate(job: number, end: (error: unknown) => void, closing: AbortSignal): Promise<void> {
    const { jobTimeoutMs, clock } = this.#options;
    await clock.sleep(jobTimeoutMs, closing).catch(() => undefined);
    if (closing.aborted) return;
    const message = `job ${job} of Spark did not end within ${jobTimeoutMs / 1_000} s and is ended; nothing of it is used. Give it more time, or Spark more cores.`;
    end(new EngineError('ENGINE_FAILED', message, { retryable: true, facts: { engine: 'spark', jobTimeoutMs } }));
  }

  async #cancel(job: number, closing: AbortSignal): Promise<void> {
    if (!this.#started) {
      // It has not been sent, so nothing will come of it.
      this.#jobs.delete(job);
      return;
    }
    this.#send({ order: 'cancel', job });
    await this.#options.clock.sleep(CANCEL_GRACE_MS, closing).catch(() => undefined);
    if (!closing.aborted) this.#kill();
  }

  /** The driver leads its process group, in which the Java process is too. */
  #kill(): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nothing is left of it.
    }
  }

  #died(how: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#waitsForStart.abort();
    rmSync(this.#options.workFolder, { recursive: true, force: true });
    const stderr = this.#stderr.trim();
    const error = this.#deathError(how, stderr);
    this.#starting.reject(error);
    for (const { end, closing } of this.#jobs.values()) {
      end(error);
      closing.abort();
    }
    this.#jobs.clear();
  }

  #deathError(how: string, stderr: string): EngineError {
    const facts = { engine: 'spark', pid: this.pid, how, stderr };
    const said = stderr === '' ? '' : ` It said: ${stderr.slice(-1_500)}`;
    if (/OutOfMemoryError/.test(stderr))
      return new EngineError(
        'ENGINE_OUT_OF_MEMORY',
        `Spark ran out of memory, and its process ${how}. Raise the engine's memory limit, or lower its threads.`,
        { retryable: true, facts },
      );
    if (this.#started)
      return new EngineError(
        'ENGINE_CRASHED',
        `Spark's process ${String(this.pid)} ${how}; the job can be tried again, in a new process.${said}`,
        { retryable: true, facts },
      );
    return new EngineError(
      'ENGINE_CRASHED',
      `Spark's process ${how} before it was ready. It needs Java 17 or later, and pyspark in the Python that is named: \`npm run services -- up spark\` fetches it.${said}`,
      { retryable: true, facts },
    );
  }
}

/** Spark's own messages about a job, before they are given a code. */
class SaidBySpark extends EngineError {
  constructor(message: string) {
    super('ENGINE_FAILED', message);
  }
}

function startDriver({ python, settings, workFolder }: DriverOptions): ChildProcess {
  const driver = fileURLToPath(new URL('../driver/spark_driver.py', import.meta.url));
  // A path that is relative is so to where this process is, not to where that one will be.
  const command = path.basename(python) === python ? python : path.resolve(python);
  return spawn(command, [driver, JSON.stringify(settings)], {
    cwd: workFolder,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    // A group of its own, so that it can be ended with all that it started.
    detached: true,
    windowsHide: true,
  });
}
