import type { ColumnArchive } from '@twofold/archive';
import type { View } from '@twofold/views';
import type { BatchEngine, FoldJob } from './batch-engine.ts';
import { createJsEngine, type ReadColumns } from './create-js-engine.ts';
import { EngineError } from './errors.ts';

/** Is the view folded in JavaScript, whatever engine is asked? Its measure of its own author's has no SQL. */
export function isFoldedInJs({ components }: View): boolean {
  return components.some(({ kind }) => kind === 'reducer');
}

/**
 * An engine that also takes views with reducers: those it folds in this thread, archive file by archive file, with the
 * fold of the speed layer. Each file is held whole while it is folded, and so is the result. Everything else, surveys of
 * such views included, goes to the engine that is given.
 */
export function createReducingEngine(engine: BatchEngine, readColumns: ReadColumns): BatchEngine {
  const inJs = createJsEngine(readColumns);
  return {
    fold: (job: FoldJob, signal?: AbortSignal) => (isFoldedInJs(job.view) ? inJs : engine).fold(job, signal),
    survey: (job, signal) => engine.survey(job, signal),
    close: async () => {
      await inJs.close();
      await engine.close();
    },
  };
}

/** Reads a source's typed rows from the archive that named it. Errors: ENGINE_FAILED */
export function readingFrom(archive: Pick<ColumnArchive, 'readColumns'>): ReadColumns {
  return async ({ path, archived }, stream) => {
    if (archived !== undefined) return archive.readColumns(stream, archived);
    throw new EngineError('ENGINE_FAILED', `${path} is no file of the archive; what it holds is not known here`, {
      facts: { engine: 'js', files: [path] },
    });
  };
}
