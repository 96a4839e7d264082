import type { RejectionCode } from './columns.ts';
import type { Token } from './json-cursor.ts';
import type { Field } from './stream.ts';

/** Why a record is rejected, before its place is known. */
export interface RowFault {
  readonly code: RejectionCode;
  readonly field: string | null;
  readonly detail: string;
}

/** The values of one record before it is accepted: nothing reaches columns or dictionary until all of it is right. */
export class StagedRow {
  /** By field, in column units. */
  readonly numbers: Float64Array;
  /** By field: 1 = present. */
  readonly present: Uint8Array;
  /** By field: the text in `texts`. */
  readonly textStarts: Int32Array;
  readonly textEnds: Int32Array;
  texts = new Uint8Array(1024);
  textLength = 0;
  /** What the texts of the record may have together, but for those that `reserve` made room for. */
  private room = 0;

  constructor(fields: number) {
    this.numbers = new Float64Array(fields);
    this.present = new Uint8Array(fields);
    this.textStarts = new Int32Array(fields);
    this.textEnds = new Int32Array(fields);
  }

  /** Begins a record of so many bytes; its texts together are never longer. */
  clear(byteLength: number): void {
    this.present.fill(0);
    this.textLength = 0;
    this.room = byteLength;
    if (this.texts.length < byteLength) this.texts = new Uint8Array(byteLength * 2);
  }

  /** Makes room for a text that is longer than the message it comes of. */
  reserve(length: number): void {
    const needed = this.textLength + length + this.room;
    if (this.texts.length >= needed) return;
    const larger = new Uint8Array(needed * 2);
    larger.set(this.texts.subarray(0, this.textLength));
    this.texts = larger;
  }

  setNumber(field: number, value: number): void {
    this.numbers[field] = value;
    this.present[field] = 1;
  }

  /** Takes the bytes of `texts` from `textLength` to `end` as the text of a field. */
  setText(field: number, end: number): void {
    this.textStarts[field] = this.textLength;
    this.textEnds[field] = end;
    this.textLength = end;
    this.present[field] = 1;
  }
}

/** The event time in milliseconds, rounded down, of a value of the stream's event-time field. */
export function eventTimeMs(field: Field, value: number): number {
  if (field.type.kind === 'date') return value * 86_400_000;
  if (field.type.kind !== 'instant' || field.type.unit === 'ms') return value;
  return field.type.unit === 's' ? value * 1000 : Math.floor(value / 1000);
}

/**
 * The number of quanta in a double, rounded down, or NaN when a column can not hold it (also for NaN and infinities).
 * The division by a power of two is exact, but for results too small to tell from -0, which are looked after.
 */
export function quantaOf(value: number, quantum: number): number {
  const quotient = value / quantum;
  if (!(quotient >= -(2 ** 53) && quotient < 2 ** 53)) return NaN;
  const quanta = Math.floor(quotient);
  return quanta === 0 ? (value < 0 ? -1 : 0) : quanta;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** At most 40 characters of the input, quoted, for people. */
export function excerpt(bytes: Uint8Array, start: number, end: number): string {
  const points = [...utf8.decode(bytes.subarray(start, Math.min(end, start + 160)))];
  const cut = points.length > 40 || end - start > 160;
  return `${JSON.stringify(points.slice(0, 40).join(''))}${cut ? '…' : ''}`;
}

/** Turns the token `[start, end)` of a sound message into the staged value of one field, or says why it can not. */
export type FieldRead = (
  row: StagedRow,
  token: Token,
  bytes: Uint8Array,
  start: number,
  end: number,
) => RowFault | null;

const tokenNames = ['nothing', 'null', 'false', 'true', 'a number', 'a text', 'a text', 'a list', 'an object'];

export function fieldFault(field: Field, code: RejectionCode, detail: string): RowFault {
  return { code, field: field.source, detail };
}

export function wrongType(field: Field, token: Token, wanted: string): RowFault {
  return fieldFault(field, 'WRONG_TYPE', `'${field.source}' is ${tokenName(token)}, and ${wanted} was expected.`);
}

/** A token, for people. */
export function tokenName(token: Token): string {
  return tokenNames[token] ?? 'something else';
}
