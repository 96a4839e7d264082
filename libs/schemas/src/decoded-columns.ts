import type { ArenaDictionary } from './arena-dictionary.ts';
import type { Column, Columns, Rejection } from './columns.ts';
import type { RecordBatch } from './record-batch.ts';
import type { Stream } from './stream.ts';

/** The columns of a decoder: they grow to the largest batch seen and are used again. Arrays may be longer than `count`. */
export class DecodedColumns implements Columns {
  partition = 0;
  baseOffset = 0;
  nextOffset = 0;
  count = 0;
  offsets = new Float64Array(0);
  times = new Float64Array(0);
  classes = new Uint8Array(0);
  eventTimes = new Float64Array(0);
  readonly fields: readonly Column[];
  rejections: Rejection[] = [];
  /** Rows that the arrays have room for. */
  capacity = 0;
  /** All number columns in one array, one after another in the order of fields, each of `capacity` rows. */
  values = new Float64Array(0);
  valid = new Uint8Array(0);
  /** By field: how many columns of its kind come before it. */
  readonly places: Int32Array;

  constructor(stream: Stream, dictionary: ArenaDictionary) {
    this.fields = stream.fields.map((field): Column =>
      isText(field.type.kind)
        ? { kind: 'text', ids: new Int32Array(0), dictionary }
        : { kind: 'number', values: new Float64Array(0), valid: new Uint8Array(0) },
    );
    this.places = Int32Array.from(
      this.fields,
      (column, i) => this.fields.slice(0, i).filter((before) => before.kind === column.kind).length,
    );
  }

  /** Begins a batch: all rows applied, all numbers present, no rejections. */
  begin(batch: RecordBatch): void {
    this.partition = batch.partition;
    this.baseOffset = batch.baseOffset;
    this.nextOffset = batch.nextOffset;
    this.count = batch.count;
    if (batch.count > this.classes.length) this.grow(Math.max(batch.count, this.classes.length * 2, 1024));
    this.offsets.set(batch.offsets.subarray(0, batch.count));
    this.times.set(batch.times.subarray(0, batch.count));
    this.classes.fill(0, 0, batch.count);
    for (const column of this.fields) if (column.kind === 'number') column.valid.fill(1, 0, batch.count);
    this.rejections = [];
  }

  private grow(capacity: number): void {
    this.offsets = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.classes = new Uint8Array(capacity);
    this.eventTimes = new Float64Array(capacity);
    const numbers = this.fields.filter((column) => column.kind === 'number').length;
    this.capacity = capacity;
    this.values = new Float64Array(numbers * capacity);
    this.valid = new Uint8Array(numbers * capacity);
    this.fields.forEach((column, i) => {
      const from = (this.places[i] ?? 0) * capacity;
      if (column.kind === 'text') column.ids = new Int32Array(capacity);
      else {
        column.values = this.values.subarray(from, from + capacity);
        column.valid = this.valid.subarray(from, from + capacity);
      }
    });
  }
}

const textKinds = new Set(['text', 'enumeration', 'uuid', 'bytes', 'list']);

/** Is this kind of field kept as dictionary ids? */
export function isText(kind: string): boolean {
  return textKinds.has(kind);
}
