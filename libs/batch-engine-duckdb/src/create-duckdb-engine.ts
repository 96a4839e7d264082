import {
  EngineError,
  sweepWorkFolders,
  workFolder,
  type BatchEngine,
  type FoldJob,
  type SourceFile,
  type Survey,
  type SurveyJob,
} from '@twofold/batch-engine';
import type { Clock, Logger } from '@twofold/service';
import type { PartialColumns } from '@twofold/views';
import { EngineChild } from './engine-child.ts';
import { foldStatement, surveyStatement } from './statements.ts';
import { partialsOf } from './partials-of.ts';

/** How many times as many shares a fold is tried in when its sketches did not fit, and how many at the most. */
const SHARES_MORE = 8;
const MOST_SHARES = 512;

export interface DuckDbEngineOptions {
  readonly threads: number;
  /** Of DuckDB; its process needs some 100 MB more. Beyond it, states are spilled. */
  readonly memoryLimitBytes: number;
  /** A folder for spilled states, for the engines of one machine only. */
  readonly spillDirectory: string;
  /** Null or left out: as much as the disk has room for. */
  readonly spillLimitBytes?: number | null;
  readonly clock: Clock;
  readonly logger?: Logger;
}

/**
 * Folds Parquet files with DuckDB, in a child process that is started with the first job and again with the next one
 * after a crash. Jobs that run at once share its threads and its memory. Close it, or the child keeps this process up.
 */
export function createDuckDbEngine(options: DuckDbEngineOptions): DuckDbEngine {
  return new DuckDbEngine(options);
}

export class DuckDbEngine implements BatchEngine {
  #child: EngineChild | null = null;
  #started = 0;
  #closed = false;
  readonly #options: DuckDbEngineOptions;

  constructor(options: DuckDbEngineOptions) {
    this.#options = options;
  }

  /** Process id of the running child; null while there is none. */
  get childPid(): number | null {
    return this.#child?.alive === true ? (this.#child.pid ?? null) : null;
  }

  async *fold(job: FoldJob, signal?: AbortSignal): AsyncGenerator<PartialColumns> {
    this.#check(signal);
    if (isEmpty(job.files)) return;
    let given = 0;
    for (let shares = 1; ; shares *= SHARES_MORE) {
      try {
        for await (const block of this.#foldShares(job, shares, signal)) {
          given++;
          yield block;
        }
        return;
      } catch (error) {
        if (given > 0 || !isForMoreShares(error, job, shares)) throw error;
        this.#options.logger?.warn('sketches do not fit in memory at once: the groups are folded in more shares', {
          view: job.view.name,
          shares: shares * SHARES_MORE,
        });
      }
    }
  }

  /** Each share reads the files anew, and holds the sketches of its own groups only. */
  async *#foldShares(job: FoldJob, shares: number, signal: AbortSignal | undefined): AsyncGenerator<PartialColumns> {
    for (let index = 0; index < shares; index++) {
      const statement = foldStatement(job, { of: shares, index });
      for await (const block of this.#running().run(statement, signal)) {
        yield partialsOf(job.view, statement.columns, block);
        // Blocks that were on their way when the engine was closed are not its last word.
        if (this.#closed) throw closed();
      }
    }
  }

  async survey(job: SurveyJob, signal?: AbortSignal): Promise<Survey> {
    this.#check(signal);
    const buckets: number[] = [];
    let maxEventTime: number | null = null;
    let applied = 0;
    if (isEmpty(job.files)) return { buckets, maxEventTime, applied };
    for await (const { count, columns } of this.#running().run(surveyStatement(job), signal)) {
      const [starts, latest, counts] = columns.map((column) => (column.kind === 'number' ? column.values : null));
      for (let row = 0; row < count; row++) {
        buckets.push(starts?.[row] ?? 0);
        maxEventTime = Math.max(maxEventTime ?? -Infinity, latest?.[row] ?? -Infinity);
        applied += counts?.[row] ?? 0;
      }
    }
    return { buckets: buckets.sort((a, b) => a - b), maxEventTime, applied };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#child?.close(closed());
  }

  #check(signal: AbortSignal | undefined): void {
    if (this.#closed) throw closed();
    signal?.throwIfAborted();
  }

  #running(): EngineChild {
    if (this.#child?.alive === true) return this.#child;
    const { threads, memoryLimitBytes, spillDirectory, spillLimitBytes, clock, logger } = this.#options;
    if (this.#child !== null) logger?.warn('the batch engine starts again', { died: this.#child.pid });
    sweepWorkFolders(spillDirectory, 'duckdb');
    this.#child = new EngineChild(
      {
        threads,
        memoryLimitBytes,
        spillFolder: workFolder(spillDirectory, 'duckdb', process.pid, ++this.#started),
        spillLimitBytes: spillLimitBytes ?? null,
      },
      clock,
    );
    return this.#child;
  }
}

/** Components whose state grows with their values. */
const SKETCHES: ReadonlySet<string> = new Set(['distinct', 'bins', 'histogram', 'countBy']);

/** What the engine can not spill is the state of sketches; of anything else more shares would need as much. */
function isForMoreShares(error: unknown, { view }: FoldJob, shares: number): boolean {
  const sketched = view.components.some(({ kind }) => SKETCHES.has(kind));
  return sketched && shares < MOST_SHARES && error instanceof EngineError && error.code === 'ENGINE_OUT_OF_MEMORY';
}

function isEmpty(files: readonly SourceFile[]): boolean {
  return files.every(({ from, to }) => from >= to);
}

function closed(): EngineError {
  return new EngineError('ENGINE_CLOSED', 'the engine was closed; nothing more is computed');
}
