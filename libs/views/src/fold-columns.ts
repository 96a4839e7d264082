import type { Columns, NumberColumn } from '@twofold/schemas';
import { encodeKeyOf } from './piece-writer.ts';
import { ChunkEncoder } from './chunk-encoder.ts';
import { CommonReads } from './common-reads.ts';
import { createInputs, type FoldInputs } from './fold-inputs.ts';
import type { Fold } from './fold.ts';
import type { Hashes } from './hash-inputs.ts';
import type { BucketChunk } from './partials.ts';
import { PartialTable } from './partial-table.ts';
import type { RowChoice } from './row-choice.ts';
import { SlotFinder } from './slot-finder.ts';
import type { View } from './view.ts';
import { paneWidth } from './window-of.ts';

/** Rows folded at a time: the arrays between the passes stay in the cache. */
const blockRows = 2048;
/** Rows of columns that nobody shares which are looked at at a time. */
const ownRows = 4 * blockRows;
/** Keys kept from slice to slice; above, they are forgotten at the end of a slice. */
const keysKept = 1 << 17;

/**
 * A fold at the view's finest level. Its memory is that of its largest slice.
 * @param reads shared with other folds of the stream, and begun by whoever has the columns; the fold's own unless given
 */
export function createFold(view: View, reads: CommonReads | null = null): Fold {
  return new ColumnFold(view, reads);
}

/**
 * Folds a block of rows in passes over flat arrays: which rows count, their slots, then one pass for each expression and
 * each component.
 */
class ColumnFold implements Fold {
  private readonly table: PartialTable;
  private readonly reads: CommonReads;
  private readonly ownsReads: boolean;
  private readonly choice: RowChoice;
  private readonly slotFinder: SlotFinder;
  private readonly inputs: FoldInputs;
  /** By number: its component takes it from the column. */
  private readonly isTaken: readonly boolean[];
  private readonly values: readonly Float64Array[];
  private readonly hashes: readonly Hashes[];
  private readonly noValues = new Float64Array(0);
  private readonly slotsOf = new Int32Array(blockRows);
  private readonly encoder: ChunkEncoder;
  private readonly buckets: number;
  private isDirty = false;
  private slots = new Int32Array(0);
  /** Kept for nobody: see `PartialTable.fetch`. */
  protected fetched = 0;

  constructor(view: View, reads: CommonReads | null) {
    this.table = new PartialTable(view);
    this.reads = reads ?? new CommonReads(view.stream);
    this.ownsReads = reads === null;
    this.choice = this.reads.choiceOf(view.where);
    this.slotFinder = new SlotFinder(view, this.table, this.reads);
    this.inputs = createInputs(view);
    const { numberOf, fieldOf } = this.inputs;
    this.isTaken = this.inputs.numbers.map((_, n) => fieldOf.some((field, i) => field >= 0 && numberOf[i] === n));
    this.values = this.inputs.numbers.map(() => new Float64Array(blockRows));
    this.hashes = this.inputs.hashes.map(() => ({ high: new Int32Array(blockRows), low: new Int32Array(blockRows) }));
    this.encoder = new ChunkEncoder(paneWidth(view, view.levels[0]?.widthMs ?? 1));
    this.buckets = view.buckets;
  }

  get rows(): number {
    return this.table.rows;
  }

  apply(columns: Columns, from: number, to: number): void {
    if (!this.ownsReads) {
      if (this.reads.columns !== columns) this.reads.begin(columns);
      this.applyChosen(columns, from, to);
      return;
    }
    for (let start = from; start < to; start += ownRows) {
      const end = Math.min(to, start + ownRows);
      this.reads.begin(columns, start, end);
      this.applyChosen(columns, start, end);
    }
  }

  takeDirty(): BucketChunk[] {
    if (!this.isDirty) return [];
    this.isDirty = false;
    const { table, encoder } = this;
    const dirty = this.dirtyBuckets();
    if (this.slots.length < table.rows) this.slots = new Int32Array(table.panes.length);
    const order = table.keys.sortedByBucket();
    const starts = table.keys.bucketStarts();
    const slotStarts = table.slotsByKey(this.slots);
    const chunks: BucketChunk[] = [];
    for (let bucket = 0; bucket < dirty.length; bucket++) {
      if (dirty[bucket] !== 1) continue;
      const [first, end] = [starts[bucket] ?? 0, starts[bucket + 1] ?? 0];
      for (let i = first; i < end; i++) {
        const key = order[i] ?? 0;
        this.fetched = table.fetch(this.slots, slotStarts[key] ?? 0, slotStarts[key + 1] ?? 0);
      }
      for (let i = first; i < end; i++) {
        const key = order[i] ?? 0;
        const from = slotStarts[key] ?? 0;
        const to = table.joined(this.slots, from, slotStarts[key + 1] ?? 0);
        if (to === from) continue;
        encodeKeyOf(table, encoder, key, this.slots, from, to);
      }
      chunks.push({ ...encoder.finish(), bucket });
    }
    return chunks;
  }

  clear(): void {
    this.isDirty = false;
    this.slotFinder.forgetSlots();
    if (this.table.keys.size <= keysKept) {
      this.table.clear();
      if (this.table.keys.relabel()) this.slotFinder.forgetKeys();
      return;
    }
    this.table.clearAll();
    this.slotFinder.forgetKeys();
  }

  private applyChosen(columns: Columns, from: number, to: number): void {
    const { choice } = this;
    choice.read();
    const end = choice.placeOf(to);
    for (let start = choice.placeOf(from); start < end; start += blockRows)
      this.applyBlock(columns, choice.rows.subarray(start, Math.min(end, start + blockRows)));
  }

  private applyBlock(columns: Columns, rows: Int32Array): void {
    const { table, slotsOf, inputs } = this;
    const count = rows.length;
    this.isDirty = true;
    this.slotFinder.find(columns, rows, slotsOf);
    inputs.numbers.forEach((read, i) => {
      if (!this.isTaken[i]) read(columns, rows, count, this.values[i] ?? this.noValues);
    });
    this.hashes.forEach((into, i) => inputs.hashes[i]?.(columns, rows, count, into));
    table.states.forEach((state, i) => {
      state.fold({
        count,
        slots: slotsOf,
        values: this.values[inputs.numberOf[i] ?? -1] ?? this.noValues,
        field: numberColumn(columns, inputs.fieldOf[i] ?? -1),
        columns,
        rows,
        text: inputs.textOf[i] ?? null,
        hashes: this.hashes[inputs.hashOf[i] ?? -1] ?? null,
        value: inputs.valueOf[i] ?? null,
        lift: inputs.liftOf[i] ?? null,
      });
    });
  }

  /** By bucket: 1 when a partial of it changed since the last call. */
  private dirtyBuckets(): Uint8Array {
    const { table, slotFinder } = this;
    const { buckets } = table.keys;
    const dirty = new Uint8Array(this.buckets);
    slotFinder.takeTouched((slot) => {
      dirty[buckets[table.keyOf(slot)] ?? 0] = 1;
    });
    return dirty;
  }
}

function numberColumn({ fields }: Columns, field: number): NumberColumn | null {
  const column = fields[field];
  return column?.kind === 'number' ? column : null;
}
