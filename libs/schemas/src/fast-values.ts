import type { ArenaDictionary } from './arena-dictionary.ts';
import { checkedDays } from './civil-time.ts';
import type { DecodedColumns } from './decoded-columns.ts';
import { Reading, type FastTables } from './fast-tables.ts';
import { isHyphen } from './field-readers.ts';
import { JsonReader } from './json-reader.ts';
import { quantaOf } from './staged-row.ts';
import { codePointEnd } from './utf8.ts';

const ascii = new TextDecoder();
const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/**
 * Reads single values of the fast path. Each method takes the place where a value starts and gives the place after it,
 * or -1 for anything that is not plain. Numbers go to their column at once; texts wait until the record is accepted.
 */
export class FastValues {
  eventTimes = new Float64Array(0);
  private readonly tables: FastTables;
  private readonly dictionary: ArenaDictionary;
  private readonly columns: DecodedColumns;
  /** By field; those of the other kind are empty. */
  private readonly numbers: Float64Array[];
  private readonly valid: Uint8Array[];
  private readonly ids: Int32Array[];
  private readonly textFields: Int32Array;
  private readonly checkedFields: Int32Array;
  /** By field: where the text stands in the record; a start of -1 is null. */
  private readonly textStarts: Int32Array;
  private readonly textEnds: Int32Array;
  /** By field with checks: 1 for each dictionary id that passed them. */
  private readonly fit: Uint8Array[];
  private generation = 0;
  private readonly skipper = new JsonReader([]);
  private fractionDigits = 0;
  private readonly scratch = new Float64Array(1);

  constructor(tables: FastTables, dictionary: ArenaDictionary, columns: DecodedColumns) {
    this.tables = tables;
    this.dictionary = dictionary;
    this.columns = columns;
    this.numbers = columns.fields.map(() => new Float64Array(0));
    this.valid = columns.fields.map(() => new Uint8Array(0));
    this.ids = columns.fields.map(() => new Int32Array(0));
    this.fit = columns.fields.map(() => new Uint8Array(0));
    this.textFields = Int32Array.from(columns.fields.flatMap((column, i) => (column.kind === 'text' ? [i] : [])));
    this.checkedFields = this.textFields.filter((field) => tables.readings[field] === Reading.checkedText);
    this.textStarts = new Int32Array(tables.fields);
    this.textEnds = new Int32Array(tables.fields);
  }

  begin(): void {
    const { columns, dictionary } = this;
    this.eventTimes = columns.eventTimes;
    columns.fields.forEach((column, i) => {
      if (column.kind === 'text') this.ids[i] = column.ids;
      else {
        this.numbers[i] = column.values;
        this.valid[i] = column.valid;
      }
    });
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
      default:
        return this.truth(field, bytes, at, row);
    }
  }

  setNull(field: number, row: number): void {
    const valid = this.valid[field];
    if (valid !== undefined && valid.length > 0) valid[row] = 0;
    this.textStarts[field] = -1;
  }

  /** The number that stands in a column. */
  number(field: number, row: number): number {
    return this.numbers[field]?.[row] ?? 0;
  }

  /** Interns the texts of the record and writes their ids; false, with nothing interned, when one needs its checks first. */
  commit(bytes: Uint8Array, row: number): boolean {
    const { textFields, textStarts, textEnds, dictionary } = this;
    for (let i = 0; i < this.checkedFields.length; i++) {
      const field = this.checkedFields[i] ?? 0;
      const start = textStarts[field] ?? -1;
      if (start !== -1 && this.fit[field]?.[dictionary.find(bytes, start, textEnds[field] ?? 0)] !== 1) return false;
    }
    for (let i = 0; i < textFields.length; i++) {
      const field = textFields[i] ?? 0;
      const start = textStarts[field] ?? -1;
      const ids = this.ids[field];
      if (ids !== undefined) ids[row] = start === -1 ? -1 : dictionary.intern(bytes, start, textEnds[field] ?? 0);
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

  /** The place of the quote that ends the string whose text starts at `at`, or -1 where it is not plain. */
  textEnd(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte === 34) return at;
      if (byte < 32 || byte === 92) return -1;
      if (byte < 128) at++;
      else {
        at = codePointEnd(bytes, at, end);
        if (at === -1) return -1;
      }
    }
    return -1;
  }

  private text(field: number, bytes: Uint8Array, at: number, end: number): number {
    const start = at + 1;
    const textEnd = bytes[at] === 34 ? this.textEnd(bytes, start, end) : -1;
    if (textEnd === -1 || textEnd - start > (this.tables.maxBytes[field] ?? 0)) return -1;
    if (this.tables.readings[field] === Reading.uuid && !isPlainUuid(bytes, start, textEnd)) return -1;
    this.textStarts[field] = start;
    this.textEnds[field] = textEnd;
    return textEnd + 1;
  }

  private exactNumber(field: number, bytes: Uint8Array, from: number, row: number): number {
    const at = this.readNumber(bytes, from);
    const missing = (this.tables.scales[field] ?? 0) - this.fractionDigits;
    if (at === -1 || missing < 0) return -1;
    const units = (this.scratch[0] ?? 0) * (powersOfTen[missing] ?? 0);
    // Below 2^53 the product of two integers is exact; at it and beyond, it may have been rounded.
    return units > -(2 ** 53) && units < 2 ** 53 && this.keep(field, row, units) ? at : -1;
  }

  private floatNumber(field: number, bytes: Uint8Array, from: number, end: number, row: number): number {
    const at = this.readNumber(bytes, from);
    if (at === -1) return this.longFloat(field, bytes, from, end, row);
    // Both operands are exact, so the quotient is the nearest double, as a JSON parser would give.
    const value = (this.scratch[0] ?? 0) / (powersOfTen[this.fractionDigits] ?? 1);
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
    const days = daysAt(bytes, at + 1);
    const hour = digitsAt(bytes, at + 12, 2);
    const minute = digitsAt(bytes, at + 15, 2);
    const second = digitsAt(bytes, at + 18, 2);
    if (bytes[at + 11] !== 84 || bytes[at + 14] !== 58 || bytes[at + 17] !== 58) return -1;
    if (!(hour < 24 && minute < 60 && second < 60)) return -1;
    const perSecond = this.tables.perSecond[field] ?? 1;
    const seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    let fraction = 0;
    let place = at + 20;
    if (bytes[place] === 46) {
      let unit = perSecond;
      for (place++; unit > 1 && digitsAt(bytes, place, 1) >= 0; place++) {
        unit /= 10;
        fraction += ((bytes[place] ?? 0) - 48) * unit;
      }
      if (bytes[place - 1] === 46) return -1;
    }
    if (bytes[place] !== 90 || bytes[place + 1] !== 34) return -1;
    return this.keep(field, row, seconds * perSecond + fraction) ? place + 2 : -1;
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
    const numbers = this.numbers[field];
    const valid = this.valid[field];
    if (numbers === undefined || valid === undefined) return;
    numbers[row] = value;
    valid[row] = 1;
  }

  /**
   * Reads a number of at most 15 digits without an exponent: its digits as an integer into `scratch[0]` (never -0),
   * how many of them follow the point into `fractionDigits`. What follows it is looked at by the caller.
   */
  private readNumber(bytes: Uint8Array, from: number): number {
    const negative = bytes[from] === 45;
    const start = negative ? from + 1 : from;
    let at = start;
    let small = 0;
    let digit = 0;
    // Nine digits fit an int32, where a step takes half the time of one in a double.
    for (; (digit = (bytes[at] ?? 0) ^ 48) <= 9 && at < start + 9; at++) small = (small * 10 + digit) | 0;
    let number = small;
    if (digit <= 9) {
      small = 0;
      for (; (digit = (bytes[at] ?? 0) ^ 48) <= 9 && at < start + 15; at++) small = (small * 10 + digit) | 0;
      number = number * (powersOfTen[at - start - 9] ?? 1) + small;
    }
    const whole = at - start;
    if (whole === 0 || (whole > 1 && bytes[start] === 48)) return -1;
    this.fractionDigits = 0;
    if (bytes[at] === 46) {
      const point = ++at;
      small = 0;
      for (; (digit = (bytes[at] ?? 0) ^ 48) <= 9 && at < point + 9; at++) small = (small * 10 + digit) | 0;
      const places = at - point;
      if (places === 0 || whole + places > 15) return -1;
      number = number * (powersOfTen[places] ?? 1) + small;
      this.fractionDigits = places;
    }
    // More digits than were read, or an exponent.
    if (digit <= 9 || ((bytes[at] ?? 0) | 32) === 101) return -1;
    this.scratch[0] = negative ? 0 - number : number;
    return at;
  }
}

function spells(bytes: Uint8Array, at: number, a: number, b: number, c: number, d: number): boolean {
  return bytes[at] === a && bytes[at + 1] === b && bytes[at + 2] === c && bytes[at + 3] === d;
}

/** The number in so many digits, or NaN when they are none. */
function digitsAt(bytes: Uint8Array, at: number, count: number): number {
  let number = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (bytes[i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** Days since 1970 of the ten bytes `YYYY-MM-DD`, or NaN. */
function daysAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== 45 || bytes[at + 7] !== 45) return NaN;
  return checkedDays(digitsAt(bytes, at, 4), digitsAt(bytes, at + 5, 2), digitsAt(bytes, at + 8, 2));
}

function isPlainUuid(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 36) return false;
  for (let place = 0; place < 36; place++) {
    const byte = bytes[start + place] ?? 0;
    if (isHyphen(place) ? byte !== 45 : !((byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102))) return false;
  }
  return true;
}
