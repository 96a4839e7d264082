import { RecordClass, type Columns } from '@twofold/schemas';
import { encodeKeyOf } from './accumulator.ts';
import { ChunkEncoder } from './chunk-encoder.ts';
import { compileFilter, type RowFilter } from './filter-rows.ts';
import { createInputs, type FoldInputs } from './fold-inputs.ts';
import { createKeyReader, type KeyReader } from './fold-keys.ts';
import type { Fold } from './fold.ts';
import type { Hashes } from './hash-inputs.ts';
import type { BucketChunk } from './partials.ts';
import { paneOf } from './pane-of.ts';
import { PartialTable } from './partial-table.ts';
import { SessionSlots } from './session-slots.ts';
import type { View } from './view.ts';
import { paneWidth } from './window-of.ts';

/** Rows folded at a time: the arrays between the passes stay in the cache. */
const blockRows = 2048;
/** Keys kept from slice to slice; above, they are forgotten at the end of a slice. */
const keysKept = 1 << 17;

/** A fold at the view's finest level. Its memory is that of its largest slice. */
export function createFold(view: View): Fold {
  return new ColumnFold(view);
}

/**
 * Folds a block of rows in passes over flat arrays: which rows count, their keys, their slots, then one pass for each
 * expression and each component.
 */
class ColumnFold implements Fold {
  private readonly widthMs: number;
  private readonly table: PartialTable;
  /** Null: the view has no sessions. */
  private readonly sessions: SessionSlots | null;
  private readonly filter: RowFilter | null;
  private readonly keyReader: KeyReader;
  private readonly inputs: FoldInputs;
  private readonly values: readonly Float64Array[];
  private readonly hashes: readonly Hashes[];
  private readonly noValues = new Float64Array(0);
  private readonly rowsOf = new Int32Array(blockRows);
  private readonly keysOf = new Int32Array(blockRows);
  private readonly slotsOf = new Int32Array(blockRows);
  private readonly encoder: ChunkEncoder;
  /** By bucket: 1 when it changed since the last `takeDirty`. */
  private readonly dirty: Uint8Array;
  private slots = new Int32Array(0);
  /** Kept for nobody: see `PartialTable.fetch`. */
  protected fetched = 0;

  constructor(view: View) {
    this.widthMs = view.levels[0]?.widthMs ?? 1;
    this.table = new PartialTable(view);
    const { sessions } = this.table;
    this.sessions = sessions === null ? null : new SessionSlots(this.table, sessions);
    this.filter = view.where === null ? null : compileFilter(view.where, view.stream);
    this.keyReader = createKeyReader(view.dimensions, view.stream, this.table.keys);
    this.inputs = createInputs(view);
    this.values = this.inputs.numbers.map(() => new Float64Array(blockRows));
    this.hashes = this.inputs.hashes.map(() => ({ high: new Int32Array(blockRows), low: new Int32Array(blockRows) }));
    this.encoder = new ChunkEncoder(paneWidth(view, this.widthMs));
    this.dirty = new Uint8Array(view.buckets);
  }

  get rows(): number {
    return this.table.rows;
  }

  apply(columns: Columns, from: number, to: number): void {
    for (let start = from; start < to; start += blockRows) {
      const count = this.choose(columns, start, Math.min(to, start + blockRows));
      if (count > 0) this.applyBlock(columns, count);
    }
  }

  takeDirty(): BucketChunk[] {
    if (!this.dirty.includes(1)) return [];
    const { table, encoder, dirty } = this;
    if (this.slots.length < table.rows) this.slots = new Int32Array(table.panes.length);
    const order = table.keys.sortedByBucket();
    const starts = table.keys.bucketStarts();
    const slotStarts = table.slotsByKey(this.slots);
    const chunks: BucketChunk[] = [];
    for (let bucket = 0; bucket < dirty.length; bucket++) {
      if (dirty[bucket] !== 1) continue;
      for (let i = starts[bucket] ?? 0; i < (starts[bucket + 1] ?? 0); i++) {
        const key = order[i] ?? 0;
        const from = slotStarts[key] ?? 0;
        const to = table.joined(this.slots, from, slotStarts[key + 1] ?? 0);
        if (to === from) continue;
        this.fetched = table.fetch(this.slots, from, to);
        encodeKeyOf(table, encoder, key, this.slots, from, to);
      }
      chunks.push({ ...encoder.finish(), bucket });
    }
    dirty.fill(0);
    return chunks;
  }

  clear(): void {
    this.dirty.fill(0);
    if (this.table.keys.size <= keysKept) {
      this.table.clear();
      if (this.table.keys.relabel()) this.keyReader.forget();
      return;
    }
    this.table.clearAll();
    this.keyReader.forget();
  }

  /** The rows that count, into `rowsOf`. */
  private choose(columns: Columns, from: number, to: number): number {
    const { rowsOf, filter } = this;
    const { classes } = columns;
    let count = 0;
    for (let row = from; row < to; row++) if (classes[row] === RecordClass.applied) rowsOf[count++] = row;
    return filter === null || count === 0 ? count : filter(columns, rowsOf, count);
  }

  private applyBlock(columns: Columns, count: number): void {
    const { table, sessions, rowsOf, keysOf, slotsOf, dirty, inputs, widthMs } = this;
    const { eventTimes } = columns;
    this.keyReader.read(columns, rowsOf, count, keysOf);
    const { buckets } = table.keys;
    table.reserve(count);
    for (let i = 0; i < count; i++) {
      const key = keysOf[i] ?? 0;
      const time = eventTimes[rowsOf[i] ?? 0] ?? 0;
      slotsOf[i] = sessions === null ? table.slotOf(key, paneOf(time, widthMs)) : sessions.slotOf(key, time + 0);
      dirty[buckets[key] ?? 0] = 1;
    }
    inputs.numbers.forEach((read, i) => read(columns, rowsOf, count, this.values[i] ?? this.noValues));
    this.hashes.forEach((into, i) => inputs.hashes[i]?.(columns, rowsOf, count, into));
    table.states.forEach((state, i) => {
      state.fold({
        count,
        slots: slotsOf,
        values: this.values[inputs.numberOf[i] ?? -1] ?? this.noValues,
        columns,
        rows: rowsOf,
        text: inputs.textOf[i] ?? null,
        hashes: this.hashes[inputs.hashOf[i] ?? -1] ?? null,
        value: inputs.valueOf[i] ?? null,
        lift: inputs.liftOf[i] ?? null,
      });
    });
  }
}
