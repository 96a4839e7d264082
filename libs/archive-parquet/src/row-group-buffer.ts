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
  /** Marks of the rows that are being added. */
  readonly #accepted = new Uint8Array(maxGroupRows);
  readonly #present = new Uint8Array(maxGroupRows);

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
    return this.rows >= maxGroupRows || this.#bytesHeld >= maxGroupBytes;
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
    const accepted = this.#markAccepted(classes, from, to);
    this.classes.set(classes.subarray(from, to), this.rows);
    this.offsets.append(columns.offsets, from, to);
    this.logTimes.append(columns.times, from, to);
    this.eventTimes.appendWhere(columns.eventTimes, accepted, from, to);
    this.fields.forEach((buffer, i) => {
      const column = columns.fields[i];
      if (buffer instanceof TextBuffer) {
        if (column?.kind === 'text') buffer.append(column, accepted, from, to);
      } else if (column?.kind === 'number') {
        buffer.appendWhere(column.values, this.#markPresent(column.valid, from, to), from, to);
      }
    });
  }

  /** 1 for each of the rows that is not rejected: of those that are, every field is null. */
  #markAccepted(classes: Uint8Array, from: number, to: number): Uint8Array {
    const { rejected } = RecordClass;
    const marks = this.#accepted;
    for (let i = 0; i < to - from; i++) marks[i] = classes[from + i] === rejected ? 0 : 1;
    return marks;
  }

  #markPresent(valid: Uint8Array, from: number, to: number): Uint8Array {
    const accepted = this.#accepted;
    const marks = this.#present;
    for (let i = 0; i < to - from; i++) marks[i] = (accepted[i] ?? 0) & (valid[from + i] ?? 0);
    return marks;
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
  #appendBytes(batch: RecordBatch, { classes }: Columns, from: number, to: number): number {
    if (this.#keepBytes) {
      const end = this.#roomUntil(batch, from, to);
      this.#copyBytes(batch, from, end);
      return end;
    }
    let row = from;
    while (row < to && this.#bytesHeld < maxGroupBytes) {
      const found = classes.subarray(row, to).indexOf(RecordClass.rejected);
      const next = found < 0 ? to : row + found;
      this.keys.appendNulls(next - row);
      this.values.appendNulls(next - row);
      if (next < to) this.#copyBytes(batch, next, next + 1);
      row = Math.min(to, next + 1);
    }
    return row;
  }

  get #bytesHeld(): number {
    return this.keys.plain.length + this.values.plain.length;
  }

  #copyBytes({ bytes, keyStarts, keyEnds, valueStarts, valueEnds }: RecordBatch, from: number, to: number): void {
    this.keys.append(bytes, keyStarts, keyEnds, from, to);
    this.values.append(bytes, valueStarts, valueEnds, from, to);
  }

  /** The first of the rows that is not added: the one before it has filled the group. */
  #roomUntil({ keyStarts, keyEnds, valueStarts, valueEnds }: RecordBatch, from: number, to: number): number {
    let held = this.#bytesHeld;
    let row = from;
    for (; row < to && held < maxGroupBytes; row++) {
      held += plainLength(keyStarts[row] ?? -1, keyEnds[row] ?? 0);
      held += plainLength(valueStarts[row] ?? -1, valueEnds[row] ?? 0);
    }
    return row;
  }
}

/** Bytes that a byte string takes in PLAIN encoding; none where it is null. */
function plainLength(start: number, end: number): number {
  return start < 0 ? 0 : 4 + end - start;
}
