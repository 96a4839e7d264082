import type { ArchivedColumns } from '@twofold/archive';
import { RecordClass, TwofoldError, type Stream } from '@twofold/schemas';
import type { PartialColumns } from '@twofold/views';
import type { BatchEngine, FoldJob, SourceFile, Survey, SurveyJob } from './batch-engine.ts';
import { EngineError } from './errors.ts';
import { JobSums } from './job-sums.ts';
import { paneStart } from './pane-start.ts';

/** The typed rows of a file, whatever the file is made of. */
export type ReadColumns = (file: SourceFile, stream: Stream) => Promise<ArchivedColumns>;

/**
 * Folds archived columns with the very fold of the speed layer, file by file in the order given, in this thread: the
 * second witness of every other engine, and the simulator's. Holds the whole result in memory.
 */
export function createJsEngine(readColumns: ReadColumns): BatchEngine {
  return new JsEngine(readColumns);
}

class JsEngine implements BatchEngine {
  readonly #readColumns: ReadColumns;
  #closed = false;

  constructor(readColumns: ReadColumns) {
    this.#readColumns = readColumns;
  }

  async *fold(job: FoldJob, signal?: AbortSignal): AsyncGenerator<PartialColumns> {
    this.#check(signal);
    const sums = new JobSums(job);
    let last: { readonly path: string; readonly archived: ArchivedColumns } | null = null;
    for (const file of job.files) {
      // Where corrections left out positions, a file is given in many ranges, one after the other.
      const archived: ArchivedColumns =
        last?.path === file.path ? last.archived : await this.#read(file, job.view.stream, signal);
      last = { path: file.path, archived };
      sums.add(file, archived);
    }
    for (const partials of sums.blocks()) {
      this.#check(signal);
      yield partials;
    }
  }

  async survey(job: SurveyJob, signal?: AbortSignal): Promise<Survey> {
    this.#check(signal);
    const buckets = new Set<number>();
    let maxEventTime: number | null = null;
    let applied = 0;
    for (const file of job.files) {
      const { classes, offsets, eventTimes } = await this.#read(file, job.view.stream, signal);
      for (const [row, recordClass] of classes.entries()) {
        const offset = offsets[row] ?? NaN;
        if (recordClass !== RecordClass.applied || !(offset >= file.from && offset < file.to)) continue;
        const time = eventTimes[row] ?? NaN;
        buckets.add(paneStart(time, job.bucketMs));
        if (maxEventTime === null || time > maxEventTime) maxEventTime = time;
        applied++;
      }
    }
    return { buckets: [...buckets].sort((a, b) => a - b), maxEventTime, applied };
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  async #read(file: SourceFile, stream: Stream, signal: AbortSignal | undefined): Promise<ArchivedColumns> {
    this.#check(signal);
    try {
      const archived = await this.#readColumns(file, stream);
      this.#check(signal);
      return archived;
    } catch (error) {
      if (error instanceof EngineError) throw error;
      if (!(error instanceof TwofoldError)) throw error;
      throw new EngineError('ENGINE_FAILED', `${file.path} can not be read: ${error.message}`, {
        retryable: error.retryable,
        facts: { engine: 'js', files: [file.path] },
        cause: error,
      });
    }
  }

  #check(signal: AbortSignal | undefined): void {
    if (this.#closed) throw new EngineError('ENGINE_CLOSED', 'the engine was closed; nothing was computed');
    signal?.throwIfAborted();
  }
}
