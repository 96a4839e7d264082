import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EngineError } from '@twofold/batch-engine';
import type { Clock } from '@twofold/service';
import { FRAME_FD, FrameKind, type ChildSettings, type Order } from './child-protocol.ts';
import { decodeBlock, type ResultColumns } from './decode-block.ts';
import { EngineJob, WINDOW_BLOCKS } from './engine-job.ts';
import { engineError } from './engine-error.ts';
import { FrameReader, type Frame } from './frame-reader.ts';
import type { ResultKind } from './result-kind.ts';

/** A cancelled statement that has not ended by then is ended with its process. */
const CANCEL_GRACE_MS = 20_000;
/** How much of the child's standard error is kept for the message of a crash. */
const STDERR_CHARS = 2_000;

export interface Statement {
  readonly sql: string;
  readonly kinds: readonly ResultKind[];
  /** What it is for, in words, and the files it reads: for messages. */
  readonly what: string;
  readonly files: readonly string[];
}

/** One child process and the statements in it. When it dies, every statement fails with ENGINE_CRASHED and it stays dead. */
export class EngineChild {
  readonly exited: Promise<void>;
  #alive = true;
  #jobs = new Map<number, EngineJob>();
  #lastJob = 0;
  #stderr = '';
  readonly #process: ChildProcess;
  readonly #settings: ChildSettings;
  readonly #clock: Clock;

  constructor(settings: ChildSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#process = startChild(settings);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.exited = promise;
    this.#process.once('error', (error) => {
      this.#died(`could not be started: ${error.message}`);
      resolve();
    });
    this.#process.once('close', (code, signal) => {
      this.#died(signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`);
      resolve();
    });
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-STDERR_CHARS);
    });
    // A write to a child that just died; that it died is told by 'close'.
    this.#process.stdin?.on('error', () => undefined);
    this.#readFrames();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Process id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The statement's result, block by block; the child is never more than a few blocks ahead. */
  async *run(statement: Statement, signal?: AbortSignal): AsyncGenerator<ResultColumns> {
    signal?.throwIfAborted();
    const job = new EngineJob(++this.#lastJob, statement.sql, statement.kinds);
    const abort = (): void => {
      job.fail(signal?.reason);
    };
    this.#jobs.set(job.number, job);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const { sql, kinds } = statement;
      this.#send({ order: 'run', job: job.number, sql, kinds, credits: WINDOW_BLOCKS });
      for (;;) {
        const block = await job.next();
        if (block === null) return;
        this.#send({ order: 'more', job: job.number });
        yield decodeBlock(block);
      }
    } catch (error) {
      throw error instanceof EngineFailure ? engineError(error.message, statement) : error;
    } finally {
      signal?.removeEventListener('abort', abort);
      if (!job.closing.signal.aborted) void this.#cancel(job);
    }
  }

  /** Ends the child at once; its statements fail with `error`. Resolves when the process is gone. */
  async close(error: EngineError): Promise<void> {
    for (const job of this.#jobs.values()) job.fail(error);
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  #send(order: Order): void {
    if (this.#alive) this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #readFrames(): void {
    const pipe = this.#process.stdio[FRAME_FD];
    if (!(pipe instanceof Duplex)) return;
    const reader = new FrameReader();
    pipe.on('data', (bytes: Uint8Array) => {
      for (const frame of reader.push(bytes)) this.#take(frame);
    });
    pipe.on('error', () => undefined);
  }

  #take(frame: Frame): void {
    const job = this.#jobs.get(frame.job);
    if (job === undefined) return;
    if (frame.kind === FrameKind.block) {
      job.push(frame.payload);
      return;
    }
    job.closing.abort();
    this.#jobs.delete(frame.job);
    if (frame.kind === FrameKind.done) job.done();
    else job.fail(new EngineFailure(new TextDecoder().decode(frame.payload)));
  }

  async #cancel(job: EngineJob): Promise<void> {
    this.#send({ order: 'cancel', job: job.number });
    try {
      await this.#clock.sleep(CANCEL_GRACE_MS, job.closing.signal);
    } catch {
      return; // It has ended, alone or with its process.
    }
    this.#process.kill('SIGKILL');
  }

  #died(how: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    rmSync(this.#settings.spillFolder, { recursive: true, force: true });
    const stderr = this.#stderr.trim();
    const said = stderr === '' ? '' : ` It said: ${stderr}`;
    const error = new EngineError(
      'ENGINE_CRASHED',
      `the engine's process ${String(this.pid)} ${how}; the job can be tried again, in a new process.${said}`,
      { retryable: true, facts: { pid: this.pid, how, stderr } },
    );
    for (const job of this.#jobs.values()) {
      job.fail(error);
      job.closing.abort();
    }
    this.#jobs.clear();
  }
}

/** The engine's own message about a statement, before it is given a code. */
class EngineFailure extends EngineError {
  constructor(message: string) {
    super('ENGINE_FAILED', message);
  }
}

/** Runs the worker as this file runs: from sources by type stripping, or from dist. */
function startChild(settings: ChildSettings): ChildProcess {
  const fromSource = import.meta.url.endsWith('.ts');
  const main = fileURLToPath(new URL(`./worker/main.${fromSource ? 'ts' : 'js'}`, import.meta.url));
  const flags = fromSource ? ['--conditions=@twofold/source'] : [];
  return spawn(process.execPath, [...flags, main, JSON.stringify(settings)], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
}
