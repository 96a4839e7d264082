import type { ArchivedColumns } from '@twofold/archive';
import { ChunkError, createAccumulator, createFold, type Accumulator, type PartialColumns } from '@twofold/views';
import type { FoldJob, SourceFile } from './batch-engine.ts';
import { columnsOf } from './columns-of.ts';
import { EngineError } from './errors.ts';
import { partialsOf } from './partials-of.ts';

/** The partials of one slice of one partition; of everything, where the job does not split. */
interface Sum {
  readonly partition: number;
  readonly slice: number;
  readonly accumulator: Accumulator;
}

/** What a job's files add up to, file by file. Errors: ENGINE_OVERFLOW. */
export class JobSums {
  readonly #job: FoldJob;
  readonly #sums = new Map<string, Sum>();

  constructor(job: FoldJob) {
    this.#job = job;
  }

  add(file: SourceFile, archived: ArchivedColumns): void {
    const { view, widthMs, panes, sliceSize } = this.#job;
    // Rows that a correction adds are kept as a partition of their own number, whatever their file says.
    const placed = { ...archived, partition: file.partition };
    const columns = columnsOf(placed, { from: file.from, to: file.to, widthMs, panes });
    const fold = createFold(view);
    for (let row = 0; row < columns.count;) {
      const slice = sliceSize === null ? 0 : Math.floor((columns.offsets[row] ?? 0) / sliceSize) * sliceSize;
      const sliceEnd = sliceSize === null ? Infinity : slice + sliceSize;
      let end = row + 1;
      while (end < columns.count && (columns.offsets[end] ?? 0) < sliceEnd) end++;
      const { accumulator } = this.#sumOf(file.partition, slice, widthMs);
      this.#refusing(() => {
        fold.apply(columns, row, end);
        for (const { bytes } of fold.takeDirty()) accumulator.addChunk(bytes);
      });
      fold.clear();
      row = end;
    }
  }

  /** One block for each slice that has a partial; one in all where the job does not split. */
  *blocks(): Generator<PartialColumns> {
    const { view, sliceSize } = this.#job;
    for (const { accumulator, partition, slice } of this.#sums.values()) {
      if (accumulator.rows === 0) continue;
      const origin = sliceSize === null ? null : { partition, slice };
      yield this.#refusing(() => partialsOf(view, accumulator, origin));
    }
  }

  #sumOf(partition: number, slice: number, widthMs: number): Sum {
    const key = this.#job.sliceSize === null ? '' : `${partition} ${slice}`;
    const found = this.#sums.get(key);
    if (found !== undefined) return found;
    const sum = { partition, slice, accumulator: createAccumulator(this.#job.view, { widthMs }) };
    this.#sums.set(key, sum);
    return sum;
  }

  /** What the fold refuses as too large is an overflow of the job. */
  #refusing<T>(compute: () => T): T {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof ChunkError && error.code === 'SUM_OVERFLOW')) throw error;
      const message = `view ${this.#job.view.name}: ${error.message} Nothing was wrapped or rounded.`;
      throw new EngineError('ENGINE_OVERFLOW', message, { facts: { engine: 'js' }, cause: error });
    }
  }
}
