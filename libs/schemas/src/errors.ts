/**
 * The base of every error that Twofold throws on purpose. Each package keeps a closed list of codes in its own
 * `errors.ts`. The message says what happened, where, and what to do; `facts` carries the same as data.
 */
export class TwofoldError<Code extends string = string> extends Error {
  readonly code: Code;
  /** May the same call succeed later without a change? Data, so that callers need no list of codes. */
  readonly retryable: boolean;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: Code,
    message: string,
    options: { retryable?: boolean; facts?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TwofoldError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.facts = options.facts ?? {};
  }
}

/** Closed list of what this package refuses. Events are never refused by an error: they are rejected (`RejectionCode`). */
export type SchemaErrorCode =
  | 'INVALID_STREAM'
  | 'INVALID_DURATION'
  | 'INVALID_CANONICAL_VALUE'
  | 'INVALID_OPTION'
  | 'CLASSIFY_OUT_OF_ORDER'
  | 'UNKNOWN_TEXT_ID';

export class SchemaError extends TwofoldError<SchemaErrorCode> {
  override readonly name = 'SchemaError';
}

/** One fault of a declaration. `INVALID_STREAM` carries all of them in `facts.problems`. */
export interface SchemaProblem {
  readonly code: SchemaProblemCode;
  /** Where: `fields.temperature.between`, `eventTime`. */
  readonly path: string;
  /** What is wrong and how to mend it. */
  readonly message: string;
}

/** Closed list of faults of a stream's declaration. */
export type SchemaProblemCode =
  | 'NAME_INVALID'
  | 'NAME_RESERVED'
  | 'NAME_CLASHES'
  | 'SOURCE_INVALID'
  | 'SOURCE_DUPLICATE'
  | 'FIELD_COUNT'
  | 'FIELD_UNKNOWN'
  | 'FIELD_REPEATED'
  | 'FIELD_OPTIONAL'
  | 'FIELD_KIND'
  | 'BOUNDS_INVALID'
  | 'SCALE_INVALID'
  | 'QUANTUM_INVALID'
  | 'PATTERN_INVALID'
  | 'VALUES_INVALID'
  /** What a list can not hold. */
  | 'ELEMENT_INVALID'
  /** A record without members, or within too many others. */
  | 'RECORD_INVALID'
  | 'NUMBER_INVALID'
  | 'DURATION_INVALID'
  /** Restatements of one row could stand in several partitions, where nothing orders them. */
  | 'NOT_PARTITIONED_BY_KEY';

/** Narrower than `instanceof`, which leaves the code without a type. */
export function isTwofoldError(error: unknown): error is TwofoldError {
  return error instanceof TwofoldError;
}
