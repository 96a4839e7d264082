import type { Columns } from '@twofold/schemas';
import { RecordClass } from '@twofold/schemas';
import type { ArchiveFile, ClassCounts } from './archive.ts';
import { ArchiveError } from './errors.ts';

/** What a manifest says of a file's rows (E10). */
export interface LedgerTotals {
  readonly from: number;
  readonly to: number;
  readonly records: number;
  readonly minEventTime: number | null;
  readonly maxEventTime: number | null;
  readonly counts: ClassCounts;
  readonly slices: ArchiveFile['slices'];
}

/** Counts the positions of one file as its rows come by. */
export interface FileLedger {
  readonly position: number;
  readonly records: number;
  /** Throws ROWS_OUT_OF_ORDER, and counts nothing, unless the rows go on where the last ones ended. */
  add(columns: Columns, fromRow: number, toRow: number, nextOffset: number): void;
  /** Throws ROWS_OUT_OF_ORDER when no position was covered. */
  totals(): LedgerTotals;
}

type SliceCounts = ArchiveFile['slices'][number];

export function createFileLedger(sliceSize: number, from: number): FileLedger {
  const sealed: SliceCounts[] = [];
  // The open slice's counts, by RecordClass. Offsets rise, so no other slice is ever written.
  const open = new Float64Array(4);
  let sliceStart = from - (from % sliceSize);
  let position = from;
  let records = 0;
  let minEventTime = Infinity;
  let maxEventTime = -Infinity;

  function openSlice(): SliceCounts {
    return [sliceStart, open[0] ?? 0, open[1] ?? 0, open[2] ?? 0, open[3] ?? 0];
  }

  function seal(): void {
    sealed.push(openSlice());
    open.fill(0);
    sliceStart += sliceSize;
  }

  function control(to: number): void {
    while (position < to) {
      if (position >= sliceStart + sliceSize) seal();
      const end = Math.min(to, sliceStart + sliceSize);
      open[RecordClass.control] = (open[RecordClass.control] ?? 0) + end - position;
      position = end;
    }
  }

  return {
    get position() {
      return position;
    },
    get records() {
      return records;
    },
    add(columns, fromRow, toRow, nextOffset) {
      assertOrder(columns, fromRow, toRow, nextOffset, position);
      const { offsets, classes, eventTimes } = columns;
      for (let row = fromRow; row < toRow; row++) {
        const offset = offsets[row] ?? 0;
        const cls = classes[row] ?? 0;
        if (offset !== position) control(offset);
        if (position >= sliceStart + sliceSize) seal();
        open[cls] = (open[cls] ?? 0) + 1;
        position++;
        if (cls === RecordClass.rejected) continue;
        const time = eventTimes[row] ?? 0;
        if (time < minEventTime) minEventTime = time;
        if (time > maxEventTime) maxEventTime = time;
      }
      control(nextOffset);
      records += toRow - fromRow;
    },
    totals() {
      if (position === from) {
        throw new ArchiveError(
          'ROWS_OUT_OF_ORDER',
          `A file from ${from} on was finished before it covered a position; append first.`,
        );
      }
      const slices = position > sliceStart ? [...sealed, openSlice()] : [...sealed];
      const counts = { applied: 0, duplicate: 0, rejected: 0, control: 0 };
      for (const [, applied, duplicate, rejected, controls] of slices) {
        counts.applied += applied;
        counts.duplicate += duplicate;
        counts.rejected += rejected;
        counts.control += controls;
      }
      const timed = counts.applied + counts.duplicate > 0;
      return {
        from,
        to: position,
        records,
        minEventTime: timed ? minEventTime : null,
        maxEventTime: timed ? maxEventTime : null,
        counts,
        slices,
      };
    },
  };
}

/** The totals of neighbouring files as one. Throws ROWS_OUT_OF_ORDER when they do not follow one another. */
export function mergeTotals(files: readonly ArchiveFile[]): LedgerTotals & { readonly partition: number } {
  const [first] = files;
  if (first === undefined)
    throw new ArchiveError('ROWS_OUT_OF_ORDER', 'There are no files to merge; name at least one.');
  const slices: [number, number, number, number, number][] = [];
  const counts = { applied: 0, duplicate: 0, rejected: 0, control: 0 };
  let { minEventTime, maxEventTime } = first;
  let to = first.from;
  let records = 0;
  for (const file of files) {
    if (file.from !== to || file.partition !== first.partition) {
      throw new ArchiveError(
        'ROWS_OUT_OF_ORDER',
        `${file.name} does not follow position ${to} of partition ${first.partition}; only neighbours can become one file.`,
      );
    }
    to = file.to;
    records += file.records;
    counts.applied += file.counts.applied;
    counts.duplicate += file.counts.duplicate;
    counts.rejected += file.counts.rejected;
    counts.control += file.counts.control;
    minEventTime = lesser(minEventTime, file.minEventTime, Math.min);
    maxEventTime = lesser(maxEventTime, file.maxEventTime, Math.max);
    for (const slice of file.slices) addSlice(slices, slice);
  }
  return { partition: first.partition, from: first.from, to, records, minEventTime, maxEventTime, counts, slices };
}

function addSlice(slices: [number, number, number, number, number][], slice: ArchiveFile['slices'][number]): void {
  const last = slices[slices.length - 1];
  if (last === undefined || last[0] !== slice[0]) {
    slices.push([...slice]);
    return;
  }
  for (let i = 1; i < 5; i++) last[i] = (last[i] ?? 0) + (slice[i] ?? 0);
}

function lesser(a: number | null, b: number | null, pick: (a: number, b: number) => number): number | null {
  if (a === null) return b;
  return b === null ? a : pick(a, b);
}

function assertOrder(columns: Columns, fromRow: number, toRow: number, nextOffset: number, position: number): void {
  const first = fromRow < toRow ? (columns.offsets[fromRow] ?? -1) : position;
  const last = fromRow < toRow ? (columns.offsets[toRow - 1] ?? -1) : position - 1;
  if (
    fromRow < 0 ||
    fromRow > toRow ||
    toRow > columns.count ||
    first < position ||
    nextOffset <= last ||
    nextOffset < position
  ) {
    throw new ArchiveError(
      'ROWS_OUT_OF_ORDER',
      `Rows ${fromRow} to ${toRow} (offsets ${first} to ${last}, then ${nextOffset}) do not go on at ${position}. A file takes rows in order and without gaps.`,
      { facts: { fromRow, toRow, first, last, nextOffset, position } },
    );
  }
}
