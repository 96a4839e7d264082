import type { Columns, RecordBatch, Rejection, Stream } from '@twofold/schemas';
import { RecordClass } from '@twofold/schemas';
import { BytesBuffer, NumberBuffer, TextBuffer } from './column-buffers.ts';
import { isText } from './parquet-schema.ts';

/** At most this many rows a group: what is encoded in one go, and the unit in which engines divide their work. */
export const maxGroupRows = 1 << 16;
/** A group is closed early when its keys and values reach this many bytes. */
export const maxGroupBytes = 4 << 20;

/** The rows of one row group, copied from batches into column buffers. */
export class RowGroupBuffer {
  readonly offsets = new NumberBuffer();
  readonly logTimes = new NumberBuffer();
  readonly eventTimes = new NumberBuffer();
  readonly fields: readonly (NumberBuffer | TextBuffer)[];
  readonly rejectionCodes = new TextBuffer();
  readonly rejectionFields = new TextBuffer();
  readonly rejectionDetails = new TextBuffer();
  readonly keys = new BytesBuffer();
  readonly values = new BytesBuffer();
  classes: Uint8Array = new Uint8Array(maxGroupRows);
  rows = 0;
  readonly #keepBytes: boolean;

  constructor(stream: Stream, keepBytes: boolean) {
    this.fields = stream.fields.map((field) => (isText(field.type) ? new TextBuffer() : new NumberBuffer()));
    this.#keepBytes = keepBytes;
  }

  /** Has the group to be written before rows of these columns can be added? */
  conflicts(columns: Columns): boolean {
    return this.fields.some((buffer, i) => {
      const column = columns.fields[i];
      return buffer instanceof TextBuffer && column?.kind === 'text' && buffer.conflicts(column);
    });
  }

  /** Adds rows `[from, to)` until the group is full; gives the first row that was not added. */
  append(batch: RecordBatch, columns: Columns, from: number, to: number): number {
    const end = this.#appendBytes(batch, columns, from, Math.min(to, from + maxGroupRows - this.rows));
    this.#appendColumns(columns, from, end);
    this.#appendRejections(columns.rejections, from, end);
    this.rows += end - from;
    return end;
  }

  get full(): boolean {
    return this.rows >= maxGroupRows || this.keys.plain.length + this.values.plain.length >= maxGroupBytes;
  }

  clear(): void {
    const { offsets, logTimes, eventTimes, rejectionCodes, rejectionFields, rejectionDetails, keys, values } = this;
    const all = [
      offsets,
      logTimes,
      eventTimes,
      ...this.fields,
      rejectionCodes,
      rejectionFields,
      rejectionDetails,
      keys,
      values,
    ];
    for (const buffer of all) buffer.clear();
    this.rows = 0;
  }

  #appendColumns(columns: Columns, from: number, to: number): void {
    const { classes } = columns;
    const { rejected } = RecordClass;
    const clean = classes.subarray(from, to).indexOf(rejected) < 0;
    this.classes.set(classes.subarray(from, to), this.rows);
    this.offsets.append(columns.offsets, from, to);
    this.logTimes.append(columns.times, from, to);
    if (clean) this.eventTimes.append(columns.eventTimes, from, to);
    else this.eventTimes.appendNullable(columns.eventTimes, null, classes, rejected, from, to);
    this.fields.forEach((buffer, i) => {
      const column = columns.fields[i];
      if (buffer instanceof TextBuffer) {
        if (column?.kind === 'text') buffer.append(column, classes, rejected, from, to);
      } else if (column?.kind === 'number') {
        if (clean && column.valid.subarray(from, to).indexOf(0) < 0) buffer.append(column.values, from, to);
        else buffer.appendNullable(column.values, column.valid, classes, rejected, from, to);
      }
    });
  }

  #appendRejections(rejections: readonly Rejection[], from: number, to: number): void {
    let row = from;
    for (const rejection of rejections) {
      if (rejection.row < from || rejection.row >= to) continue;
      this.#appendRejectionNulls(rejection.row - row);
      this.rejectionCodes.appendText(rejection.code);
      this.rejectionFields.appendText(rejection.field);
      this.rejectionDetails.appendText(rejection.detail);
      row = rejection.row + 1;
    }
    this.#appendRejectionNulls(to - row);
  }

  #appendRejectionNulls(count: number): void {
    this.rejectionCodes.appendNulls(count);
    this.rejectionFields.appendNulls(count);
    this.rejectionDetails.appendNulls(count);
  }

  /** Keys and values, while the group has room; all of rejected records, so that a dead letter keeps its bytes (E10). */
  #appendBytes(batch: RecordBatch, columns: Columns, from: number, to: number): number {
    const { keys, values } = this;
    const { bytes, keyStarts, keyEnds, valueStarts, valueEnds } = batch;
    if (!this.#keepBytes && columns.classes.subarray(from, to).indexOf(RecordClass.rejected) < 0) {
      keys.appendNulls(to - from);
      values.appendNulls(to - from);
      return to;
    }
    let row = from;
    for (; row < to && keys.plain.length + values.plain.length < maxGroupBytes; row++) {
      const kept = this.#keepBytes || columns.classes[row] === RecordClass.rejected;
      keys.append(bytes, kept ? (keyStarts[row] ?? -1) : -1, keyEnds[row] ?? 0);
      values.append(bytes, kept ? (valueStarts[row] ?? -1) : -1, valueEnds[row] ?? 0);
    }
    return row;
  }
}
