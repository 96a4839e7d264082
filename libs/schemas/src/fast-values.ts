import type { ArenaDictionary } from './arena-dictionary.ts';
import type { DecodedColumns } from './decoded-columns.ts';
import { Reading, type FastTables } from './fast-tables.ts';
import { JsonReader } from './json-reader.ts';
import { PlainNumber, powersOfTen } from './plain-number.ts';
import { isPlainUuid } from './plain-text.ts';
import { daysAt, PlainTime } from './plain-time.ts';
import { ScannedText } from './scanned-text.ts';
import { quantaOf } from './staged-row.ts';
import { hashText } from './text-hash.ts';

const ascii = new TextDecoder();
/**
 * Reads single values of the fast path. Each method takes the place where a value starts and gives the place after it,
 * or -1 for anything that is not plain. Numbers go to their column at once; texts wait until the record is accepted.
 */
export class FastValues {
  eventTimes = new Float64Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private readonly tables: FastTables;
  private readonly dictionary: ArenaDictionary;
  private readonly columns: DecodedColumns;
  /** All number columns in one array: field f's begins at `bases[f]`. Numbers are valid until told otherwise. */
  values = new Float64Array(0);
  private valid = new Uint8Array(0);
  readonly bases: Int32Array;
  /** By field; those of numbers are empty. */
  private readonly ids: Int32Array[];
  private readonly textFields: Int32Array;
  private readonly checkedFields: Int32Array;
  /** By field: where the text stands in the record; a start of -1 is null. */
  readonly textStarts: Int32Array;
  readonly textEnds: Int32Array;
  readonly textHashes: Int32Array;
  /** By field with checks: 1 for each dictionary id that passed them. */
  private readonly fit: Uint8Array[];
  private generation = 0;
  private readonly skipper = new JsonReader([]);
  readonly scanned: ScannedText;
  readonly plain = new PlainNumber();
  private readonly time = new PlainTime();

  constructor(tables: FastTables, dictionary: ArenaDictionary, columns: DecodedColumns) {
    this.tables = tables;
    this.dictionary = dictionary;
    this.columns = columns;
    this.bases = new Int32Array(tables.fields);
    this.ids = columns.fields.map(() => new Int32Array(0));
    this.fit = columns.fields.map(() => new Uint8Array(0));
    this.textFields = Int32Array.from(columns.fields.flatMap((column, i) => (column.kind === 'text' ? [i] : [])));
    this.checkedFields = this.textFields.filter((field) => isChecked(tables.readings[field]));
    this.textStarts = new Int32Array(tables.fields);
    this.textEnds = new Int32Array(tables.fields);
    this.textHashes = new Int32Array(tables.fields);
    this.scanned = new ScannedText(dictionary.seed);
  }

  /** Call when the columns have begun a batch of records in the bytes of this view. */
  begin(view: DataView): void {
    const { columns, dictionary } = this;
    this.view = view;
    this.eventTimes = columns.eventTimes;
    this.values = columns.values;
    this.valid = columns.valid;
    for (let i = 0; i < columns.fields.length; i++) {
      const column = columns.fields[i];
      if (column?.kind === 'text') this.ids[i] = column.ids;
      else this.bases[i] = (columns.places[i] ?? 0) * columns.capacity;
    }
    if (this.generation !== dictionary.generation) this.fit.forEach((fit) => fit.fill(0));
    this.generation = dictionary.generation;
  }

  /** Reads the value of a field that starts at `at`. */
  read(field: number, bytes: Uint8Array, at: number, end: number, row: number): number {
    const first = bytes[at] ?? 0;
    if (first === 110) {
      if (this.tables.optional[field] === 0 || !spells(bytes, at, 0x6e, 0x75, 0x6c, 0x6c)) return -1;
      this.setNull(field, row);
      return at + 4;
    }
    switch (this.tables.readings[field]) {
      case Reading.exact:
        return this.exactNumber(field, bytes, at, row);
      case Reading.float:
        return this.floatNumber(field, bytes, at, end, row);
      case Reading.text:
      case Reading.checkedText:
      case Reading.uuid:
        return this.text(field, bytes, at, end);
      case Reading.instant:
        return first === 34 ? this.isoInstant(field, bytes, at, row) : this.exactNumber(field, bytes, at, row);
      case Reading.date: {
        const days = first === 34 && bytes[at + 11] === 34 ? daysAt(bytes, at + 1) : NaN;
        return this.keep(field, row, days) ? at + 12 : -1;
      }
      case Reading.list:
        return this.list(field, bytes, at, end);
      case Reading.never:
        return -1;
      default:
        return this.truth(field, bytes, at, row);
    }
  }

  setNull(field: number, row: number): void {
    if ((this.tables.readings[field] ?? 0) >= Reading.text) this.textStarts[field] = -1;
    else this.valid[(this.bases[field] ?? 0) + row] = 0;
  }

  /** The number that stands in a column. */
  number(field: number, row: number): number {
    return this.values[(this.bases[field] ?? 0) + row] ?? 0;
  }

  /** Interns the texts of the record and writes their ids; false, with nothing interned, when one needs its checks first. */
  commit(bytes: Uint8Array, row: number): boolean {
    const { textFields, checkedFields, textStarts, textEnds, textHashes, dictionary } = this;
    for (let i = 0; i < checkedFields.length; i++) {
      const field = checkedFields[i] ?? 0;
      const start = textStarts[field] ?? -1;
      if (start === -1) continue;
      const id = dictionary.findHashed(bytes, start, textEnds[field] ?? 0, textHashes[field] ?? 0);
      if (id === -1 || this.fit[field]?.[id] !== 1) return false;
    }
    for (let i = 0; i < textFields.length; i++) {
      const field = textFields[i] ?? 0;
      const start = textStarts[field] ?? -1;
      const ids = this.ids[field];
      if (ids === undefined) continue;
      ids[row] =
        start === -1 ? -1 : dictionary.internHashed(bytes, start, textEnds[field] ?? 0, textHashes[field] ?? 0);
    }
    return true;
  }

  /** The texts of this row are fit for their fields: the exact path has accepted it. */
  learn(row: number): void {
    for (const field of this.checkedFields) {
      const id = this.ids[field]?.[row] ?? -1;
      if (id < 0) continue;
      let fit = this.fit[field] ?? new Uint8Array(0);
      if (id >= fit.length) {
        const larger = new Uint8Array(Math.max(id + 1, fit.length * 2));
        larger.set(fit);
        this.fit[field] = fit = larger;
      }
      fit[id] = 1;
    }
  }

  private text(field: number, bytes: Uint8Array, at: number, end: number): number {
    const start = at + 1;
    const textEnd = bytes[at] === 34 ? this.scanned.scan(bytes, this.view, start, end) : -1;
    if (textEnd === -1 || textEnd - start > (this.tables.maxBytes[field] ?? 0)) return -1;
    if (this.tables.readings[field] === Reading.uuid && !isPlainUuid(bytes, start, textEnd)) return -1;
    this.textStarts[field] = start;
    this.textEnds[field] = textEnd;
    this.textHashes[field] = this.scanned.hash;
    return textEnd + 1;
  }

  /** A plain list, from bracket to bracket. Whatever it holds, it is taken only if it was accepted in this very form. */
  private list(field: number, bytes: Uint8Array, at: number, end: number): number {
    if (bytes[at] !== 91) return -1;
    let quoted = false;
    for (let place = at + 1; place < end; place++) {
      const byte = bytes[place] ?? 0;
      if (byte === 34) quoted = !quoted;
      else if (byte === 92 || (!quoted && (byte === 91 || byte === 123))) return -1;
      else if (byte === 93 && !quoted) {
        this.textStarts[field] = at;
        this.textEnds[field] = place + 1;
        this.textHashes[field] = hashText(this.dictionary.seed, bytes, at, place + 1);
        return place + 1;
      }
    }
    return -1;
  }

  private exactNumber(field: number, bytes: Uint8Array, from: number, row: number): number {
    const long = this.tables.readings[field] === Reading.instant;
    const at = long ? this.plain.readLong(bytes, this.view, from) : this.plain.read(bytes, this.view, from);
    const missing = (this.tables.scales[field] ?? 0) - this.plain.fractionDigits;
    if (at === -1 || missing < 0) return -1;
    const digits = this.plain.digits[0] ?? 0;
    // Exact up to 2^53, which no field's bounds exceed; nothing above it can round down to it: it ends in 2, not in 0.
    return this.keep(field, row, missing === 0 ? digits : digits * (powersOfTen[missing] ?? 0)) ? at : -1;
  }

  private floatNumber(field: number, bytes: Uint8Array, from: number, end: number, row: number): number {
    const at = this.plain.read(bytes, this.view, from);
    if (at === -1) return this.longFloat(field, bytes, from, end, row);
    // Both operands are exact, so the quotient is the nearest double, as a JSON parser would give.
    const value = (this.plain.digits[0] ?? 0) / (powersOfTen[this.plain.fractionDigits] ?? 1);
    return this.keep(field, row, Math.floor(value * (this.tables.perQuantum[field] ?? 1))) ? at : -1;
  }

  /** A double written with all its digits, as senders do that do not round: still no matter for the exact path. */
  private longFloat(field: number, bytes: Uint8Array, from: number, end: number, row: number): number {
    const first = bytes[from] ?? 0;
    const at = first === 45 || (first >= 48 && first <= 57) ? this.skipper.skip(bytes, from, end) : -1;
    if (at === -1) return -1;
    const value = Number(ascii.decode(bytes.subarray(from, at)));
    return this.keep(field, row, quantaOf(value, 1 / (this.tables.perQuantum[field] ?? 1))) ? at : -1;
  }

  private isoInstant(field: number, bytes: Uint8Array, at: number, row: number): number {
    const after = this.time.readInstant(bytes, at, this.tables.perSecond[field] ?? 1);
    return after !== -1 && this.keep(field, row, this.time.value[0] ?? 0) ? after : -1;
  }

  private truth(field: number, bytes: Uint8Array, at: number, row: number): number {
    if (spells(bytes, at, 0x74, 0x72, 0x75, 0x65)) {
      this.set(field, row, 1);
      return at + 4;
    }
    if (bytes[at] !== 0x66 || !spells(bytes, at + 1, 0x61, 0x6c, 0x73, 0x65)) return -1;
    this.set(field, row, 0);
    return at + 5;
  }

  /** Writes a number that is within its bounds; NaN is not. */
  private keep(field: number, row: number, value: number): boolean {
    if (!(value >= (this.tables.mins[field] ?? 0) && value <= (this.tables.maxs[field] ?? 0))) return false;
    this.set(field, row, value);
    return true;
  }

  private set(field: number, row: number, value: number): void {
    this.values[(this.bases[field] ?? 0) + row] = value;
  }
}

/** Is a value of this kind taken only when it, as it stands there, was accepted before? */
function isChecked(reading: number | undefined): boolean {
  return reading === Reading.checkedText || reading === Reading.list;
}

export function spells(bytes: Uint8Array, at: number, a: number, b: number, c: number, d: number): boolean {
  return bytes[at] === a && bytes[at + 1] === b && bytes[at + 2] === c && bytes[at + 3] === d;
}
