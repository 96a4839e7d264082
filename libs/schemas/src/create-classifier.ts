import type { Columns } from './columns.ts';
import type { Classifier } from './decoder.ts';
import { SchemaError } from './errors.ts';
import { IdWords } from './id-words.ts';
import { OrderHorizon } from './order-horizon.ts';
import type { Stream } from './stream.ts';
import { SwitchingHorizon } from './switching-horizon.ts';
import { TableHorizon } from './table-horizon.ts';

/** Horizons whose ring is small enough (24 bytes a position) to be kept beside the tables. */
const longestChains = 2 ** 22;

export interface ClassifierOptions {
  /** 'tables' leaves the chains out: for tests and for finding out who is to blame. Changes no result. */
  readonly by?: 'chains' | 'tables';
  /** Steps back along chains that may be taken at once before tables answer: 8W unless told. Changes no result. */
  readonly mostSteps?: number;
}

/**
 * A classifier for one partition (E9), exact: ids are compared by their values, never by a hash alone. It starts at
 * position 0. Memory: the ids of at most 3W positions and their texts, whatever the length of the log.
 * It keeps texts by itself, so the decoder's dictionary may be reset at any time between two batches.
 * A change stream's duplicates are decided by the order of what its operator emits (`OrderHorizon`).
 * `classify` throws `CLASSIFY_OUT_OF_ORDER` for a batch that does not begin at `position`.
 */
export function createClassifier(stream: Stream, options: ClassifierOptions = {}): Classifier {
  return new HorizonClassifier(stream, options);
}

class HorizonClassifier implements Classifier {
  position = 0;
  private readonly stream: Stream;
  private readonly options: ClassifierOptions;
  /** Null when there is no horizon. */
  private seen: SwitchingHorizon | TableHorizon | OrderHorizon | null;

  constructor(stream: Stream, options: ClassifierOptions) {
    this.stream = stream;
    this.options = options;
    this.seen = this.nothingSeen();
  }

  restart(position: number): void {
    this.position = position;
    this.seen = this.nothingSeen();
  }

  classify(columns: Columns): void {
    if (columns.baseOffset !== this.position) {
      throw new SchemaError(
        'CLASSIFY_OUT_OF_ORDER',
        `Classes are decided in order: position ${this.position} is next, and the batch begins at ${columns.baseOffset}. Read from there, or restart.`,
        { facts: { position: this.position, baseOffset: columns.baseOffset, partition: columns.partition } },
      );
    }
    this.seen?.mark(columns);
    this.position = columns.nextOffset;
  }

  private nothingSeen(): SwitchingHorizon | TableHorizon | OrderHorizon | null {
    const { stream, options } = this;
    const horizon = stream.dedupeHorizon;
    if (horizon === 0) return null;
    if (stream.change !== undefined) return new OrderHorizon(stream);
    const ids = new IdWords(stream);
    const id = ids.keyAndNumber;
    if (id === null || options.by === 'tables' || horizon > longestChains) return new TableHorizon(horizon, ids);
    return new SwitchingHorizon(stream, id, options.mostSteps ?? 8 * horizon);
  }
}
