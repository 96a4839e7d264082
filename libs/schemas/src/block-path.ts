import type { ArenaDictionary } from './arena-dictionary.ts';
import { Reading, type FastTables } from './fast-tables.ts';
import type { FastValues } from './fast-values.ts';
import { powersOfTen } from './plain-number.ts';
import type { RecordBatch } from './record-batch.ts';
import { RecordShape } from './record-shape.ts';

/** Rows that are read together: their bytes fit into the nearest memory. */
export const blockRows = 64;
/** Blocks that are left alone, at most, where records do not look alike. */
const longestRest = 15;

/**
 * Reads blocks of records of one shape field by field: what a field needs is looked up once a block, not once a record.
 * A record that differs is left to the fast path; nothing is accepted and no text is interned here.
 */
export class BlockPath {
  private readonly tables: FastTables;
  private readonly values: FastValues;
  private readonly dictionary: ArenaDictionary;
  private readonly shape: RecordShape;
  /** The fast path is asked to teach the shape of the next record that it accepts. */
  wantsShape = true;
  /** By row of the block: the end of the record if it was read whole, else -1. */
  private readonly places = new Int32Array(blockRows);
  private readonly ends = new Int32Array(blockRows);
  /** By field and row of the block: where its text stands; a start of -1 is null. */
  private readonly textStarts: Int32Array;
  private readonly textEnds: Int32Array;
  private readonly textHashes: Int32Array;
  private first = 0;
  private rest = 0;
  private nextRest = 0;

  private touched = 0;

  constructor(tables: FastTables, values: FastValues, dictionary: ArenaDictionary) {
    this.dictionary = dictionary;
    this.tables = tables;
    this.values = values;
    this.shape = new RecordShape(tables.fields);
    this.textStarts = new Int32Array(tables.fields * blockRows);
    this.textEnds = new Int32Array(tables.fields * blockRows);
    this.textHashes = new Int32Array(tables.fields * blockRows);
  }

  /** Reads rows `[from, from + blockRows)` of a batch, as far as they have the shape; a longer record is left alone. */
  read(batch: RecordBatch, view: DataView, from: number, maxRecordBytes: number): void {
    const { places, ends, shape } = this;
    const count = Math.min(batch.count - from, blockRows);
    this.first = from;
    if (shape.steps === 0 || this.rest > 0) {
      this.rest = Math.max(this.rest - 1, 0);
      places.fill(-1);
      return;
    }
    for (let i = 0; i < count; i++) {
      const start = batch.valueStarts[from + i] ?? -1;
      const end = batch.valueEnds[from + i] ?? -1;
      places[i] = end - start <= maxRecordBytes ? start : -1;
      ends[i] = end;
    }
    for (let step = 0; step < shape.steps; step++) {
      shape.match(step, view, places, ends, count);
      this.readField(shape.fields[step] ?? 0, batch.bytes, view, count);
    }
    shape.match(shape.steps, view, places, ends, count);
    this.judge(count);
  }

  /** Was this row read whole? Then its numbers are in the columns, and `values` is given its texts. */
  take(row: number): boolean {
    const i = row - this.first;
    if (this.places[i] === -1) return false;
    const { shape, values } = this;
    for (let step = 0; step < shape.steps; step++) {
      const field = shape.fields[step] ?? 0;
      if ((this.tables.readings[field] ?? 0) < Reading.text) continue;
      const place = field * blockRows + i;
      values.textStarts[field] = this.textStarts[place] ?? 0;
      values.textEnds[field] = this.textEnds[place] ?? 0;
      values.textHashes[field] = this.textHashes[place] ?? 0;
    }
    if (shape.steps < this.tables.fields) this.fillAbsent(row);
    return true;
  }

  /** The shape, to be learnt anew from a record just accepted. What is left of the block was read by the old one. */
  relearn(): RecordShape {
    this.places.fill(-1);
    this.wantsShape = false;
    this.shape.restart();
    return this.shape;
  }

  /** A field that the shape does not name is optional, or its teacher had not been accepted. */
  private fillAbsent(row: number): void {
    const { shape, values } = this;
    const named = shape.fields.subarray(0, shape.steps);
    for (let field = 0; field < this.tables.fields; field++) if (!named.includes(field)) values.setNull(field, row);
  }

  private judge(count: number): void {
    let hits = 0;
    for (let i = 0; i < count; i++) if (this.places[i] !== -1) hits++;
    this.wantsShape = hits * 2 < count;
    this.nextRest = this.wantsShape ? Math.min(this.nextRest * 2 + 1, longestRest) : 0;
    this.rest = this.nextRest;
  }

  private readField(field: number, bytes: Uint8Array, view: DataView, count: number): void {
    const reading = this.tables.readings[field];
    if (reading === Reading.text) this.readTexts(field, bytes, view, count);
    else if (reading === Reading.exact) this.readExact(field, bytes, view, count);
    else if (reading === Reading.float) this.readFloats(field, bytes, view, count);
    else this.readOthers(field, bytes, count);
  }

  private readTexts(field: number, bytes: Uint8Array, view: DataView, count: number): void {
    const { places, ends, textStarts, textEnds, textHashes, dictionary } = this;
    const { scanned } = this.values;
    let touched = 0;
    const maxBytes = this.tables.maxBytes[field] ?? 0;
    let place = field * blockRows;
    for (let i = 0; i < count; i++, place++) {
      const at = places[i] ?? -1;
      if (at === -1) continue;
      const quoted = bytes[at] === 34;
      const end = quoted ? scanned.scan(bytes, view, at + 1, ends[i] ?? 0) : -1;
      textStarts[place] = quoted ? at + 1 : -1;
      textEnds[place] = end;
      textHashes[place] = scanned.hash;
      if (quoted) places[i] = end === -1 || end - at - 1 > maxBytes ? -1 : end + 1;
      else places[i] = this.values.read(field, bytes, at, ends[i] ?? 0, this.first + i);
      // Interned one by one later, texts would each wait for memory; these loads wait together.
      touched ^= dictionary.peek(scanned.hash);
    }
    this.touched = touched;
  }

  private readExact(field: number, bytes: Uint8Array, view: DataView, count: number): void {
    const { places, ends, first } = this;
    const { plain, values } = this.values;
    const base = (this.values.bases[field] ?? 0) + first;
    const scale = this.tables.scales[field] ?? 0;
    const min = this.tables.mins[field] ?? 0;
    const max = this.tables.maxs[field] ?? 0;
    for (let i = 0; i < count; i++) {
      const at = places[i] ?? -1;
      if (at === -1) continue;
      const after = plain.read(bytes, view, at);
      const missing = scale - plain.fractionDigits;
      if (after === -1 || missing < 0) places[i] = this.values.read(field, bytes, at, ends[i] ?? 0, first + i);
      else {
        const units = (plain.digits[0] ?? 0) * (powersOfTen[missing] ?? 0);
        values[base + i] = units;
        places[i] = units >= min && units <= max ? after : -1;
      }
    }
  }

  private readFloats(field: number, bytes: Uint8Array, view: DataView, count: number): void {
    const { places, ends, first } = this;
    const { plain, values } = this.values;
    const base = (this.values.bases[field] ?? 0) + first;
    const perQuantum = this.tables.perQuantum[field] ?? 1;
    const min = this.tables.mins[field] ?? 0;
    const max = this.tables.maxs[field] ?? 0;
    for (let i = 0; i < count; i++) {
      const at = places[i] ?? -1;
      if (at === -1) continue;
      const after = plain.read(bytes, view, at);
      if (after === -1) places[i] = this.values.read(field, bytes, at, ends[i] ?? 0, first + i);
      else {
        // As FastValues does it: an exact quotient's nearest double, in whole quanta.
        const quanta = Math.floor(((plain.digits[0] ?? 0) / (powersOfTen[plain.fractionDigits] ?? 1)) * perQuantum);
        values[base + i] = quanta;
        places[i] = quanta >= min && quanta <= max ? after : -1;
      }
    }
  }

  /** The rarer kinds, one by one. */
  private readOthers(field: number, bytes: Uint8Array, count: number): void {
    const { places, ends, first, values } = this;
    for (let i = 0; i < count; i++) {
      const at = places[i] ?? -1;
      if (at === -1) continue;
      places[i] = values.read(field, bytes, at, ends[i] ?? 0, first + i);
      const place = field * blockRows + i;
      this.textStarts[place] = values.textStarts[field] ?? 0;
      this.textEnds[place] = values.textEnds[field] ?? 0;
      this.textHashes[place] = values.textHashes[field] ?? 0;
    }
  }
}
