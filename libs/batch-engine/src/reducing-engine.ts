import type { ArchivedColumns, ColumnArchive } from '@twofold/archive';
import { TwofoldError, type Stream } from '@twofold/schemas';
import type { PartialColumns, View } from '@twofold/views';
import type { BatchEngine, FoldJob, SourceFile } from './batch-engine.ts';
import type { ReadColumns } from './create-js-engine.ts';
import { EngineError } from './errors.ts';
import { JobSums } from './job-sums.ts';

/** Is the view folded in JavaScript, whatever engine is asked? A measure of its author's own has no SQL. */
export function isFoldedInJs({ components }: View): boolean {
  return components.some(({ kind }) => kind === 'reducer');
}

/** The typed rows of a source's file, batch after batch. */
export type ReadBatches = (file: SourceFile, stream: Stream) => AsyncIterable<ArchivedColumns>;

/**
 * An engine that also takes views with reducers: those it folds in this thread with the fold of the speed layer, holding
 * one batch of the archive at a time beside the result. Everything else, surveys of such views included, goes to the
 * engine that is given.
 */
export function createReducingEngine(engine: BatchEngine, readBatches: ReadBatches): BatchEngine {
  let closed = false;
  return {
    fold: (job, signal) => {
      if (!isFoldedInJs(job.view)) return engine.fold(job, signal);
      if (closed) throw new EngineError('ENGINE_CLOSED', 'the engine was closed; nothing was computed');
      return foldBatches(job, readBatches, signal);
    },
    survey: (job, signal) => engine.survey(job, signal),
    close: async () => {
      closed = true;
      await engine.close();
    },
  };
}

async function* foldBatches(
  job: FoldJob,
  readBatches: ReadBatches,
  signal: AbortSignal | undefined,
): AsyncGenerator<PartialColumns> {
  const sums = new JobSums(job);
  for (const ranges of byPath(job.files)) {
    const [first] = ranges;
    if (first === undefined) continue;
    try {
      for await (const batch of readBatches(first, job.view.stream)) {
        signal?.throwIfAborted();
        for (const range of ranges) if (holds(batch, range)) sums.add(range, batch);
      }
    } catch (error) {
      if (error instanceof EngineError || !(error instanceof TwofoldError)) throw error;
      throw new EngineError('ENGINE_FAILED', `${first.path} can not be folded: ${error.message}`, {
        retryable: error.retryable,
        facts: { engine: 'js', files: [first.path] },
        cause: error,
      });
    }
  }
  yield* sums.blocks();
}

/** Where corrections left out positions, a file is given in many ranges: it is read once. */
function byPath(files: readonly SourceFile[]): Iterable<readonly SourceFile[]> {
  const paths = new Map<string, SourceFile[]>();
  for (const file of files) {
    const some = paths.get(file.path) ?? [];
    paths.set(file.path, some);
    some.push(file);
  }
  return paths.values();
}

function holds({ offsets, count }: ArchivedColumns, { from, to }: SourceFile): boolean {
  return count > 0 && (offsets[0] ?? 0) < to && (offsets[count - 1] ?? 0) >= from;
}

/** Reads a source's typed rows from the archive that named it. Errors: ENGINE_FAILED */
export function readingFrom(archive: Pick<ColumnArchive, 'readColumns'>): ReadColumns {
  return async (file, stream) => archive.readColumns(stream, archivedFile(file));
}

/** The same in batches. */
export function batchesFrom(archive: Pick<ColumnArchive, 'columnBatches'>): ReadBatches {
  return (file, stream) => archive.columnBatches(stream, archivedFile(file));
}

function archivedFile({ path, archived }: SourceFile): NonNullable<SourceFile['archived']> {
  if (archived !== undefined) return archived;
  throw new EngineError('ENGINE_FAILED', `${path} is no file of the archive; what it holds is not known here`, {
    facts: { engine: 'js', files: [path] },
  });
}
