import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  EngineError,
  type BatchEngine,
  type FoldJob,
  type SourceFile,
  type Survey,
  type SurveyJob,
} from '@twofold/batch-engine';
import type { PartialColumns } from '@twofold/views';
import { numbersOf, partialsOf } from './partials-of.ts';
import { resultRows, type ResultRows } from './result-files.ts';
import { SparkHost, type SparkOptions } from './spark-host.ts';
import { foldStatement, surveyStatement, type SparkStatement } from './spark-statements.ts';

/**
 * Folds Parquet files with Spark, by a driver process that is started with the first job and stays for the next ones.
 * Jobs may run at once. Close it, or the driver keeps this process up.
 */
export function createSparkEngine(options: SparkOptions): SparkEngine {
  const host = new SparkHost(options);
  return new SparkEngine(host, (error) => host.close(error));
}

export class SparkEngine implements BatchEngine {
  readonly #host: SparkHost;
  readonly #release: (error: EngineError) => Promise<void>;
  readonly #closing = new AbortController();

  /** @param release what closing the engine does to the host, beside ending the engine's own jobs */
  constructor(host: SparkHost, release: (error: EngineError) => Promise<void>) {
    this.#host = host;
    this.#release = release;
  }

  /** Process id of the running driver; null while there is none. */
  get driverPid(): number | null {
    return this.#host.driverPid;
  }

  async *fold(job: FoldJob, signal?: AbortSignal): AsyncGenerator<PartialColumns> {
    this.#check(signal);
    if (isEmpty(job.files)) return;
    const number = this.#host.nextJob();
    const statement = foldStatement(job, number);
    for await (const rows of this.#run(statement, number, signal)) yield partialsOf(job.view, statement.columns, rows);
  }

  async survey(job: SurveyJob, signal?: AbortSignal): Promise<Survey> {
    this.#check(signal);
    const buckets: number[] = [];
    let maxEventTime: number | null = null;
    let applied = 0;
    if (isEmpty(job.files)) return { buckets, maxEventTime, applied };
    const number = this.#host.nextJob();
    const statement = surveyStatement(job, number);
    for await (const rows of this.#run(statement, number, signal)) {
      const [starts, latest, counts] = statement.columns.map((column) => numbersOf(rows, column).values);
      for (let row = 0; row < rows.count; row++) {
        buckets.push(starts?.[row] ?? 0);
        maxEventTime = Math.max(maxEventTime ?? -Infinity, latest?.[row] ?? -Infinity);
        applied += counts?.[row] ?? 0;
      }
    }
    return { buckets: buckets.sort((a, b) => a - b), maxEventTime, applied };
  }

  async close(): Promise<void> {
    const error = new EngineError('ENGINE_CLOSED', 'the engine was closed; nothing more is computed');
    this.#closing.abort(error);
    await this.#release(error);
  }

  /** The rows of a statement; its files are gone when they were read, or were not read on. */
  async *#run(statement: SparkStatement, job: number, asked: AbortSignal | undefined): AsyncGenerator<ResultRows> {
    const { driver, folder } = this.#host.running();
    const into = path.join(folder, `job-${job}`);
    const { sql, sources, what, files } = statement;
    const signal = asked === undefined ? this.#closing.signal : AbortSignal.any([asked, this.#closing.signal]);
    try {
      await driver.run({ job, sql, sources, into, what, files }, signal);
      for await (const rows of this.#read(into)) {
        this.#check(asked);
        yield rows;
        // What was read before the engine was closed is not its last word.
        this.#check(undefined);
      }
    } finally {
      await rm(into, { recursive: true, force: true });
    }
  }

  async *#read(folder: string): AsyncGenerator<ResultRows> {
    try {
      yield* resultRows(folder);
    } catch (error) {
      // Closing takes the folder away.
      this.#check(undefined);
      throw error;
    }
  }

  /** Throws the reason of the first that is aborted. */
  #check(asked: AbortSignal | undefined): void {
    this.#closing.signal.throwIfAborted();
    asked?.throwIfAborted();
  }
}

function isEmpty(files: readonly SourceFile[]): boolean {
  return files.every(({ from, to }) => from >= to);
}
