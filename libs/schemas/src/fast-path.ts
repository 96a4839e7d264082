import type { ArenaDictionary } from './arena-dictionary.ts';
import { BlockPath, blockRows } from './block-path.ts';
import type { DecodedColumns } from './decoded-columns.ts';
import { fastTables, type FastObject, type FastTables } from './fast-tables.ts';
import { FastValues, spells } from './fast-values.ts';
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
  /** Fields of the record being read, in the order in which their values stand there. */
  private readonly order: Int32Array;
  private found = 0;
  private readonly skipper = new JsonReader([]);
  private readonly timeField: Field | undefined;
  /** By slot, and behind them by object for its start: the slot that came next the last time. */
  private readonly following: Int32Array;
  /** By slot: the number of the record that it was last seen in. */
  private readonly seen: Float64Array;
  private readonly slots: number;
  private record = 0;
  /** The bytes of the batch. */
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** The place after the colon of the key that `searchSlot` found. */
  private valueAt = 0;

  constructor(stream: Stream, dictionary: ArenaDictionary, columns: DecodedColumns) {
    this.tables = fastTables(stream);
    this.values = new FastValues(this.tables, dictionary, columns);
    this.block = new BlockPath(this.tables, this.values, dictionary);
    const { fields, objects } = this.tables;
    this.valueStarts = new Int32Array(fields);
    this.valueEnds = new Int32Array(fields);
    this.order = new Int32Array(fields);
    this.timeField = stream.fields[this.tables.timeField];
    this.slots = fields + objects.length - 1;
    this.following = new Int32Array(this.slots + objects.length);
    objects.forEach(({ slots }, object) => {
      // As declared, until a record was read.
      slots.forEach((slot, i) => {
        this.following[slot] = slots[i + 1] ?? slots[0] ?? 0;
      });
      this.following[this.slots + object] = slots[0] ?? 0;
    });
    this.seen = new Float64Array(this.slots);
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
    this.record++;
    this.found = 0;
    const after = this.readObject(0, bytes, start, end, row);
    if (after === -1) return false;
    if (after !== end && blanksEnd(bytes, after, end) !== end) return false;
    if (this.block.wantsShape) this.teach(bytes, start, end);
    return true;
  }

  /** Reads the message, or a record in it, from its brace on. Gives the place after it, or -1. */
  private readObject(object: number, bytes: Uint8Array, start: number, end: number, row: number): number {
    const { seen, following, record } = this;
    const { slots, depth } = this.tables.objects[object] ?? noObject;
    let at = start;
    let count = 0;
    let separator = 123;
    for (let before = this.slots + object; bytes[at] === separator;) {
      let slot = following[before] ?? 0;
      const valueAt = this.expectedValueAt(slot, at + 1, end);
      if (valueAt !== -1) at = valueAt;
      else {
        slot = this.searchSlot(slots, bytes, blanksEnd(bytes, at + 1, end), end);
        if (slot === -2) return -1;
        at = this.valueAt;
      }
      if ((bytes[at] ?? 0) <= 32) at = blanksEnd(bytes, at, end);
      if (slot === -1) at = this.skipper.skip(bytes, at, end, depth);
      else {
        if (seen[slot] === record) return -1;
        seen[slot] = record;
        following[before] = slot;
        before = slot;
        count++;
        at =
          slot < this.tables.fields
            ? this.readField(slot, bytes, at, end, row)
            : this.readRecord(slot, bytes, at, end, row);
      }
      if (at < 0) return -1;
      if ((bytes[at] ?? 0) <= 32) at = blanksEnd(bytes, at, end);
      separator = 44;
    }
    if (separator === 123 || at >= end || bytes[at] !== 125) return -1;
    return count === slots.length || this.fillAbsent(slots, row) ? at + 1 : -1;
  }

  private readField(field: number, bytes: Uint8Array, at: number, end: number, row: number): number {
    this.order[this.found++] = field;
    this.valueStarts[field] = at;
    const after = this.values.read(field, bytes, at, end, row);
    this.valueEnds[field] = after;
    return after;
  }

  /** A record, or null in its place. */
  private readRecord(slot: number, bytes: Uint8Array, at: number, end: number, row: number): number {
    const object = slot - this.tables.fields + 1;
    if (bytes[at] !== 110) return this.readObject(object, bytes, at, end, row);
    return spells(bytes, at, 0x6e, 0x75, 0x6c, 0x6c) && this.setNull(object, row) ? at + 4 : -1;
  }

  /** Shows the block path the record just read. */
  private teach(bytes: Uint8Array, start: number, end: number): void {
    const shape = this.block.relearn();
    let at = start;
    for (let i = 0; i < this.found; i++) {
      const field = this.order[i] ?? 0;
      shape.add(field, bytes, at, this.valueStarts[field] ?? 0);
      at = this.valueEnds[field] ?? 0;
    }
    shape.finish(bytes, at, end);
  }

  /** The place after the colon of the key at `at` if it is that of the slot expected there, or -1. */
  private expectedValueAt(slot: number, at: number, end: number): number {
    const { starts, words, wordStarts } = this.tables.keys;
    const { view } = this;
    const valueAt = at + (starts[slot + 1] ?? 0) - (starts[slot] ?? 0);
    if (valueAt >= end) return -1;
    const lastWord = (wordStarts[slot + 1] ?? 0) - 1;
    let place = at;
    for (let word = wordStarts[slot] ?? 0; word < lastWord; word++, place += 4) {
      if (view.getInt32(place, true) !== words[word]) return -1;
    }
    return view.getInt32(valueAt - 4, true) === words[lastWord] ? valueAt : -1;
  }

  /** The slot, of some, whose key stands at `at`; -1: another key does; -2: none that is plain. */
  private searchSlot(slots: Int32Array, bytes: Uint8Array, at: number, end: number): number {
    const { bytes: keys, starts } = this.tables.keys;
    let found = -1;
    let keyEnd = 0;
    for (let n = 0; n < slots.length && found === -1; n++) {
      const slot = slots[n] ?? 0;
      const start = starts[slot] ?? 0;
      const length = (starts[slot + 1] ?? 0) - start - 1;
      if (at + length >= end) continue;
      let i = 0;
      while (i < length && bytes[at + i] === keys[start + i]) i++;
      if (i < length) continue;
      found = slot;
      keyEnd = at + length;
    }
    // A key that is spelt with escapes could still be a declared one: plainTextEnd does not take it.
    if (found === -1) keyEnd = bytes[at] === 34 ? plainTextEnd(bytes, at + 1, end) + 1 : 0;
    const colon = blanksEnd(bytes, keyEnd, end);
    if (keyEnd === 0 || bytes[colon] !== 58) return -2;
    this.valueAt = colon + 1;
    return found;
  }

  /** Gives null to what was not named, of these slots; false when one of them is required. */
  private fillAbsent(slots: Int32Array, row: number): boolean {
    const { fields, optional } = this.tables;
    for (const slot of slots) {
      if (this.seen[slot] === this.record) continue;
      if (slot >= fields) {
        if (!this.setNull(slot - fields + 1, row)) return false;
      } else if (optional[slot] === 0) return false;
      else this.values.setNull(slot, row);
    }
    return true;
  }

  /** Gives null to all fields of a record; false when it is required. */
  private setNull(object: number, row: number): boolean {
    const { fields, optional } = this.tables.objects[object] ?? noObject;
    if (optional) for (const field of fields) this.values.setNull(field, row);
    return optional;
  }

  private acceptTime(row: number, logTime: number): boolean {
    if (this.timeField === undefined) return false;
    const eventTime = eventTimeMs(this.timeField, this.values.number(this.tables.timeField, row));
    this.values.eventTimes[row] = eventTime;
    return !(eventTime > logTime + this.tables.skewMs);
  }
}

const noObject: FastObject = { slots: new Int32Array(0), fields: [], optional: false, depth: 1 };

/** The first place from `at` on that is no blank, at most `end`. */
function blanksEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9)) at++;
  return at;
}
