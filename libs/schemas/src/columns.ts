/**
 * The class of a log position (E10). `control` has no row in the columns: it is a position without a record.
 * The numbers are stored in the archive's `class` column; they never change.
 */
export const RecordClass = { applied: 0, duplicate: 1, rejected: 2, control: 3 } as const;
export type RecordClass = (typeof RecordClass)[keyof typeof RecordClass];

/** Exact integers: an int, a decimal in units of 10^-scale, a float in quanta, an instant or a date in its unit, a boolean as 0 or 1. */
export interface NumberColumn {
  readonly kind: 'number';
  /** |value| <= 2^53, always an integer, never -0. Undefined content where `valid` is 0. */
  values: Float64Array;
  /** 1 = present, 0 = null. */
  valid: Uint8Array;
}

/** Text (also enumeration, uuid, bytes as base64 and lists as canonical JSON): dense ids into a dictionary that belongs to the decoder. */
export interface TextColumn {
  readonly kind: 'text';
  /** Dictionary id, -1 = null. */
  ids: Int32Array;
  readonly dictionary: TextDictionary;
}

export type Column = NumberColumn | TextColumn;

/**
 * Interned text. Ids are dense and stable until `reset` (which a worker calls between slices, when the
 * dictionary has grown past its bound), so state arrays can be indexed by them. Ids depend on where reading
 * began: they never leave the process, and nothing stored may depend on them.
 */
export interface TextDictionary {
  readonly size: number;
  /** Rises with each `reset`; whoever keeps ids compares it first. */
  readonly generation: number;
  text(id: number): string;
  /** UTF-8 bytes of the text: a view into the dictionary, valid until the next intern. */
  bytes(id: number): Uint8Array;
  intern(bytes: Uint8Array, start: number, end: number): number;
  reset(): void;
}

/** One decoded record batch. Row i is record i of the batch. Owned by the decoder and reused. */
export interface Columns {
  readonly partition: number;
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly count: number;
  readonly offsets: Float64Array;
  /** Log times, milliseconds. */
  readonly times: Float64Array;
  /** RecordClass of each row: the decoder writes `applied` or `rejected`, the classifier turns applied rows into `duplicate`. */
  readonly classes: Uint8Array;
  /** Event time in milliseconds (floor), from the declared field. Undefined content where rejected. */
  readonly eventTimes: Float64Array;
  /** One column a declared field, in declaration order. */
  readonly fields: readonly Column[];
  /** Why rows were rejected, rising by row. */
  readonly rejections: readonly Rejection[];
}

/** Closed list: why a record is a dead letter. */
export type RejectionCode =
  | 'NULL_VALUE'
  | 'TOO_LARGE'
  | 'INVALID_UTF8'
  | 'INVALID_JSON'
  | 'TOO_DEEP'
  | 'NOT_AN_OBJECT'
  | 'DUPLICATE_KEY'
  | 'MISSING_FIELD'
  | 'WRONG_TYPE'
  | 'OUT_OF_RANGE'
  | 'TOO_MANY_DIGITS'
  | 'INEXACT_NUMBER'
  | 'INVALID_TEXT'
  | 'TOO_LONG'
  | 'NOT_UNIQUE'
  | 'NOT_IN_ENUMERATION'
  | 'NO_MATCH'
  | 'INVALID_INSTANT'
  | 'FUTURE_EVENT_TIME';

export interface Rejection {
  /** Row in the batch. */
  readonly row: number;
  readonly offset: number;
  readonly code: RejectionCode;
  /** Source name of the field at fault, or null when the message as a whole is. */
  readonly field: string | null;
  /** One sentence for people: what was found and what was expected. Holds no more than 80 characters of the input. */
  readonly detail: string;
}
