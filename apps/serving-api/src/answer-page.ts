import { compareKeys } from '@twofold/views';
import { presentRows, type AnsweredRows, type RowWriting } from './answer-rows.ts';
import type { Cursor } from './cursor.ts';
import { ReadError } from './errors.ts';
import { PINNED_ROWS } from './pinned-panes.ts';
import { readView, type MergedPanes } from './read-view.ts';
import type { Serving } from './serving-context.ts';
import type { CheckedArguments } from './view-arguments.ts';

/** One page of an answer: rows `order[start..end)`. */
export interface AnswerPage {
  readonly answer: AnsweredRows;
  /** Row numbers of the page. */
  readonly rows: Int32Array;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** The cursor of a row of the page, by row number. */
  cursorOf(row: number): string;
}

/** What the page is wanted for: nothing else is computed. */
export interface PageWishes {
  /** Names of measures and derived values. */
  readonly only: readonly string[];
  readonly cursors: boolean;
  /** Null: rows are not written as text. */
  readonly writing?: Omit<RowWriting, 'atMost'> | null;
}

/** Throws `ReadError`. */
export async function answerPage(asked: CheckedArguments, wishes: PageWishes, serving: Serving): Promise<AnswerPage> {
  const cursor = asked.after === null ? null : serving.cursors.decode(asked.after, asked.query);
  const present = (merged: MergedPanes, readAt?: number): AnsweredRows => {
    const { only } = wishes;
    // Only the whole answer is kept as text: the first page, when there is no other.
    const writing = wishes.writing == null || cursor !== null ? null : { ...wishes.writing, atMost: asked.first };
    const presented = { ...asked.request, orderBy: asked.orderBy, maxRows: serving.maxRows, only, writing };
    return presentRows(presented, merged, { now: serving.clock.now(), readAt, cache: serving.ports.presented });
  };
  const pinned = cursor?.pinned ?? null;
  const kept = pinned === null ? null : await keptPanes(serving, pinned, asked.request.view.stream.name);
  const read = { ...asked.request, release: cursor?.release ?? null, positions: cursor?.positions ?? null };
  let answer = kept === null ? present(await readView(read, serving.ports)) : present(kept.merged, kept.readAt);
  let keptAs = pinned;
  let positions = cursor?.positions ?? null;
  const more = answer.windows.rows > asked.first;
  if (asked.snapshot && cursor === null && more && wishes.cursors) {
    if (answer.windows.rows <= PINNED_ROWS) keptAs = serving.pinned.add(answer.merged);
    else {
      answer = present(await readView({ ...read, positions: 'SLICE_ENDS' }, serving.ports));
      positions = answer.merged.partitions.map(({ claim }) => claim);
    }
  }
  checkAge(answer, asked.maxStalenessMs);
  const start = cursor === null ? 0 : startAfter(answer, cursor);
  const end = Math.min(answer.windows.rows, start + asked.first);
  const { windows, merged } = answer;
  return {
    answer,
    rows: answer.order?.subarray(start, end) ?? Int32Array.from({ length: end - start }, (_, i) => start + i),
    hasNextPage: end < windows.rows,
    hasPreviousPage: start > 0,
    cursorOf: (row) =>
      serving.cursors.encode({
        query: asked.query,
        release: merged.release.id,
        positions,
        pinned: keptAs,
        key: windows.keys[windows.keyOfRow[row] ?? 0] ?? new Uint8Array(0),
        windowEnd: windows.windowEnds[row] ?? 0,
      }),
  };
}

/** What was read before a redaction of its stream is not given any more (E21), however long it would be kept. */
async function keptPanes(
  serving: Serving,
  name: string,
  stream: string,
): Promise<{ readonly merged: MergedPanes; readonly readAt: number }> {
  const kept = serving.pinned.get(name);
  const redacted = kept === null ? null : ((await serving.store.control.read())?.redactions?.[stream]?.release ?? null);
  if (kept !== null && (redacted === null || kept.merged.release.number >= redacted)) return kept;
  serving.pinned.drop(name);
  throw new ReadError(
    'SNAPSHOT_EXPIRED',
    'after: the snapshot of this cursor is no longer kept (snapshots are kept for five minutes, in the memory of one server); ask again without the cursor',
    { retryable: true },
  );
}

function checkAge({ freshness }: AnsweredRows, maxStalenessMs: number | null): void {
  if (maxStalenessMs === null || (freshness.lagMs !== null && freshness.lagMs <= maxStalenessMs)) return;
  const age = freshness.lagMs === null ? 'its age is not known' : `it is ${freshness.lagMs} ms old`;
  throw new ReadError(
    'TOO_STALE',
    `the answer may be at most ${maxStalenessMs} ms old (maxStaleness), and ${age}: ${freshness.because}`,
    { retryable: true, facts: { lagMs: freshness.lagMs, maxStalenessMs } },
  );
}

/** Where the page after a row begins. A row that is no longer there (latest answers grow) is where it would stand. */
function startAfter({ windows, order }: AnsweredRows, cursor: Cursor): number {
  const compare = (row: number): number => {
    const key = windows.keys[windows.keyOfRow[row] ?? 0];
    return (key === undefined ? 0 : compareKeys(key, cursor.key)) || (windows.windowEnds[row] ?? 0) - cursor.windowEnd;
  };
  if (order !== null) return order.findIndex((row) => compare(row) === 0) + 1;
  let low = 0;
  let high = windows.rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(middle) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
