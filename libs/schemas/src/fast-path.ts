import type { ArenaDictionary } from './arena-dictionary.ts';
import { BlockPath, blockRows } from './block-path.ts';
import type { DecodedColumns } from './decoded-columns.ts';
import { fastTables, type FastTables } from './fast-tables.ts';
import { FastValues } from './fast-values.ts';
import { JsonReader } from './json-reader.ts';
import { plainTextEnd } from './plain-text.ts';
import type { RecordBatch } from './record-batch.ts';
import { eventTimeMs } from './staged-row.ts';
import type { Field, Stream } from './stream.ts';

/**
 * The fast path: one pass over the bytes of a record, straight into the columns, without an object or a string.
 * It takes the shapes that sound senders write, with keys in any order: the order is learnt, key after key, so that a
 * key is compared once. Whatever else it meets (an escape, an exponent, a number too long, a value out of bounds, a
 * fault) it hands the whole record to the exact path, and so it never rejects: it can only agree.
 */
export class FastPath {
  private readonly tables: FastTables;
  private readonly values: FastValues;
  private readonly block: BlockPath;
  /** Of the record being read: where the value of each field lies. */
  private readonly valueStarts: Int32Array;
  private readonly valueEnds: Int32Array;
  private readonly skipper = new JsonReader([]);
  private readonly timeField: Field | undefined;
  /** By field, and last the start of a record: the field that came after it the last time. */
  private readonly following: Int32Array;
  /** By field: the number of the record that it was last seen in. */
  private readonly seen: Float64Array;
  private record = 0;
  /** The bytes of the batch. */
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** The place after the colon of the key that `searchField` found. */
  private valueAt = 0;

  constructor(stream: Stream, dictionary: ArenaDictionary, columns: DecodedColumns) {
    this.tables = fastTables(stream);
    this.values = new FastValues(this.tables, dictionary, columns);
    this.block = new BlockPath(this.tables, this.values, dictionary);
    this.valueStarts = new Int32Array(this.tables.fields);
    this.valueEnds = new Int32Array(this.tables.fields);
    this.timeField = stream.fields[this.tables.timeField];
    const count = stream.fields.length;
    this.following = Int32Array.from({ length: count + 1 }, (_, i) => (i + 1) % (count + 1));
    this.following[count] = 0;
    this.following[count - 1] = 0;
    this.seen = new Float64Array(count);
  }

  /** Call when the columns have begun a batch of records in these bytes. */
  begin(bytes: Uint8Array): void {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.values.begin(this.view);
  }

  /** The text of this row, accepted by the exact path, is fit for its field: later ones need not be checked again. */
  learn(row: number): void {
    this.values.learn(row);
  }

  /** Call for each row of a batch in turn, before it is read; `maxRecordBytes` as the decoder has it. */
  prepare(batch: RecordBatch, row: number, maxRecordBytes: number): void {
    if (row % blockRows === 0) this.block.read(batch, this.view, row, maxRecordBytes);
  }

  /** Reads the record `[start, end)` into a row. False: the exact path has to. */
  read(bytes: Uint8Array, start: number, end: number, row: number, logTime: number): boolean {
    if (!this.block.take(row) && !this.readAlone(bytes, start, end, row)) return false;
    return this.acceptTime(row, logTime) && this.values.commit(bytes, row);
  }

  private readAlone(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    const { seen, following, values } = this;
    const record = ++this.record;
    const fields = this.tables.fields;
    let at = start;
    let count = 0;
    let separator = 123;
    for (let before = fields; bytes[at] === separator;) {
      let field = following[before] ?? 0;
      const valueAt = this.expectedValueAt(field, at + 1, end);
      if (valueAt !== -1) at = valueAt;
      else {
        field = this.searchField(bytes, blanksEnd(bytes, at + 1, end), end);
        if (field === -2) return false;
        at = this.valueAt;
      }
      if ((bytes[at] ?? 0) <= 32) at = blanksEnd(bytes, at, end);
      if (field === -1) at = this.skipper.skip(bytes, at, end);
      else {
        if (seen[field] === record) return false;
        seen[field] = record;
        following[before] = field;
        before = field;
        count++;
        this.valueStarts[field] = at;
        at = values.read(field, bytes, at, end, row);
        this.valueEnds[field] = at;
      }
      if (at < 0) return false;
      if ((bytes[at] ?? 0) <= 32) at = blanksEnd(bytes, at, end);
      separator = 44;
    }
    if (separator === 123 || at >= end || bytes[at] !== 125) return false;
    if (at + 1 !== end && blanksEnd(bytes, at + 1, end) !== end) return false;
    if (count !== fields && !this.fillAbsent(row)) return false;
    if (this.block.wantsShape) this.teach(bytes, start, end, count);
    return true;
  }

  /** Shows the block path the record just read. */
  private teach(bytes: Uint8Array, start: number, end: number, count: number): void {
    const shape = this.block.relearn();
    let at = start;
    for (let i = 0, field = this.tables.fields; i < count; i++) {
      field = this.following[field] ?? 0;
      shape.add(field, bytes, at, this.valueStarts[field] ?? 0);
      at = this.valueEnds[field] ?? 0;
    }
    shape.finish(bytes, at, end);
  }

  /** The place after the colon of the key at `at` if it is that of the field expected there, or -1. */
  private expectedValueAt(field: number, at: number, end: number): number {
    const { keyStarts, keyWords, wordStarts } = this.tables;
    const { view } = this;
    const valueAt = at + (keyStarts[field + 1] ?? 0) - (keyStarts[field] ?? 0);
    if (valueAt >= end) return -1;
    const lastWord = (wordStarts[field + 1] ?? 0) - 1;
    let place = at;
    for (let word = wordStarts[field] ?? 0; word < lastWord; word++, place += 4) {
      if (view.getInt32(place, true) !== keyWords[word]) return -1;
    }
    return view.getInt32(valueAt - 4, true) === keyWords[lastWord] ? valueAt : -1;
  }

  private searchField(bytes: Uint8Array, at: number, end: number): number {
    const { keys, keyStarts, fields } = this.tables;
    let found = -1;
    let keyEnd = 0;
    for (let field = 0; field < fields && found === -1; field++) {
      const start = keyStarts[field] ?? 0;
      const length = (keyStarts[field + 1] ?? 0) - start - 1;
      if (at + length >= end) continue;
      let i = 0;
      while (i < length && bytes[at + i] === keys[start + i]) i++;
      if (i < length) continue;
      found = field;
      keyEnd = at + length;
    }
    // A key that is spelt with escapes could still be a declared one: plainTextEnd does not take it.
    if (found === -1) keyEnd = bytes[at] === 34 ? plainTextEnd(bytes, at + 1, end) + 1 : 0;
    const colon = blanksEnd(bytes, keyEnd, end);
    if (keyEnd === 0 || bytes[colon] !== 58) return -2;
    this.valueAt = colon + 1;
    return found;
  }

  /** Gives null to the fields that the record did not name; false when one of them is required. */
  private fillAbsent(row: number): boolean {
    for (let field = 0; field < this.tables.fields; field++) {
      if (this.seen[field] === this.record) continue;
      if (this.tables.optional[field] === 0) return false;
      this.values.setNull(field, row);
    }
    return true;
  }

  private acceptTime(row: number, logTime: number): boolean {
    if (this.timeField === undefined) return false;
    const eventTime = eventTimeMs(this.timeField, this.values.number(this.tables.timeField, row));
    this.values.eventTimes[row] = eventTime;
    return !(eventTime > logTime + this.tables.skewMs);
  }
}

/** The first place from `at` on that is no blank, at most `end`. */
function blanksEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9)) at++;
  return at;
}
