import { rowAt } from '@twofold/event-log';
import { ceilTo, type Lane } from '@twofold/releases';
import type { Columns } from '@twofold/schemas';
import type { ProgressRecord, SpeedRow } from '@twofold/view-store';
import { latestTime, type CommonReads, type Fold } from '@twofold/views';

/** How often an idle lane that has caught up says so. */
const SIGN_OF_LIFE_MS = 1_000;

/** What a partition worker feeds: something that folds positions in order, each once, from its own `next` on. */
export interface PositionFold {
  /** First position not folded yet. */
  readonly next: number;
  /** True once no later position concerns it. */
  readonly finished: boolean;
  /** Folds those positions of the columns that are at or above `next`. */
  apply(columns: Columns): void;
}

/** The running fold of one lane (glossary): its open slice, and the rows that wait to be written. */
export class LaneFold implements PositionFold {
  readonly lane: Lane;
  readonly #fold: Fold;
  readonly #reads: CommonReads | null;
  readonly #sliceSize: number;
  #next: number;
  /** Start of the open slice; a remainder's is its cut. */
  #sliceStart: number;
  #rows: SpeedRow[] = [];
  #rowBytes = 0;
  #maxEventTime: number | null;
  #lastLogTime: number | null;
  #saved: number;
  #caughtUpAt: number | null;

  /**
   * @param start where the lane is folded from again (E6): a slice start, or the remainder's cut.
   * @param reads what the fold shares with others, if it does
   */
  constructor(
    lane: Lane,
    fold: Fold,
    sliceSize: number,
    start: number,
    progress: ProgressRecord | null,
    reads: CommonReads | null = null,
  ) {
    this.lane = lane;
    this.#fold = fold;
    this.#reads = reads;
    this.#sliceSize = sliceSize;
    this.#next = start;
    this.#sliceStart = start;
    this.#maxEventTime = progress?.maxEventTime ?? null;
    this.#lastLogTime = progress?.lastLogTime ?? null;
    this.#saved = progress?.next ?? -1;
    this.#caughtUpAt = progress?.caughtUpAt ?? null;
  }

  get next(): number {
    return this.#next;
  }

  get finished(): boolean {
    return this.lane.end !== null && this.#next >= this.lane.end;
  }

  /** Bytes of rows that wait to be written. */
  get pendingBytes(): number {
    return this.#rowBytes;
  }

  apply(columns: Columns): void {
    const limit = this.lane.end === null ? columns.nextOffset : Math.min(columns.nextOffset, this.lane.end);
    if (limit <= this.#next) return;
    let row = rowAt(columns, this.#next);
    while (this.#next < limit) {
      const edge = Math.min(this.#sliceEnd(), limit);
      const until = edge >= columns.nextOffset ? columns.count : rowAt(columns, edge);
      this.#fold.apply(columns, row, until);
      this.#note(columns, row, until);
      row = until;
      this.#next = edge;
      if (edge === this.#sliceEnd()) this.#seal();
    }
  }

  /** The rows that changed since the last call, whole, as of `next`. */
  takeRows(): SpeedRow[] {
    this.#collect();
    const rows = this.#rows;
    this.#rows = [];
    this.#rowBytes = 0;
    return rows;
  }

  /**
   * What to record once the rows taken are durable; null when nothing is new.
   * @param caughtUpAt wall clock when everything in the log was last read; recorded with the position, and as a sign of life
   */
  takeProgress(caughtUpAt: number | null): ProgressRecord | null {
    const alive = caughtUpAt !== null && caughtUpAt - (this.#caughtUpAt ?? 0) >= SIGN_OF_LIFE_MS;
    if (this.#next <= this.#saved && !alive) return null;
    this.#saved = this.#next;
    this.#caughtUpAt = caughtUpAt ?? this.#caughtUpAt;
    const { view, version, partition, name } = this.lane;
    return {
      view,
      version,
      partition,
      lane: name,
      next: this.#next,
      maxEventTime: this.#maxEventTime,
      lastLogTime: this.#lastLogTime,
      caughtUpAt: this.#caughtUpAt,
    };
  }

  #sliceEnd(): number {
    return this.lane.end ?? ceilTo(this.#sliceStart + 1, this.#sliceSize);
  }

  #seal(): void {
    this.#collect();
    this.#fold.clear();
    this.#sliceStart = this.#next;
  }

  #collect(): void {
    const { view, version, partition } = this.lane;
    for (const chunk of this.#fold.takeDirty()) {
      this.#rows.push({
        view,
        version,
        partition,
        start: this.#sliceStart,
        end: this.#sliceEnd(),
        bucket: chunk.bucket,
        appliedOffset: this.#next,
        bytes: chunk.bytes,
      });
      this.#rowBytes += chunk.bytes.byteLength;
    }
  }

  #note(columns: Columns, from: number, to: number): void {
    const isShared = this.#reads?.columns === columns;
    const latest = isShared ? this.#reads.times.latestOf(from, to) : latestTime(columns, from, to);
    if (latest > (this.#maxEventTime ?? -Infinity)) this.#maxEventTime = latest;
    if (to > from) this.#lastLogTime = columns.times[to - 1] ?? this.#lastLogTime;
  }
}
