/** A declared field, as a tree of values: everything that reads a stream is derived from this. */
export type FieldType =
  | {
      readonly kind: 'text';
      readonly maxLength: number;
      readonly matches: string | null;
      /** Absent: a text is kept as it is. */
      readonly normal?: NormalText;
    }
  | { readonly kind: 'int' }
  | { readonly kind: 'decimal'; readonly scale: number; readonly round: boolean }
  | { readonly kind: 'float'; readonly quantum: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'instant'; readonly unit: 's' | 'ms' | 'us' }
  | { readonly kind: 'date' }
  | { readonly kind: 'enumeration'; readonly values: readonly string[] }
  | { readonly kind: 'uuid' }
  /** At most so many bytes; in messages and columns as base64. */
  | { readonly kind: 'bytes'; readonly maxLength: number }
  /** Elements of one kind; in columns as canonical JSON (see `listText`). */
  | { readonly kind: 'list'; readonly of: ListElement; readonly maxItems: number; readonly unique: boolean };

/** What is made of a text when it is decoded, before it is checked. */
export type NormalText = {
  /** Without blanks, tabs and line breaks at both ends. */
  readonly trim: boolean;
  /** Letters from A to Z in this case; null: as they are. */
  readonly letters: 'lower' | 'upper' | null;
};

/** What each element of a list is, as a field is. */
export type ListElement = {
  readonly type: FieldType;
  readonly min: number | null;
  readonly max: number | null;
};

export interface Field {
  /** Name in views, columns, GraphQL: camelCase. */
  readonly name: string;
  /** Key in the message; of a member, in its record. */
  readonly source: string;
  readonly type: FieldType;
  readonly optional: boolean;
  /** Inclusive bounds, in column units (integers). Always finite for numbers: the type's own range when none is declared. */
  readonly min: number | null;
  readonly max: number | null;
  readonly unit: string | null;
  readonly description: string | null;
  /** Of a member of a record. Absent: it stands in the message itself. */
  readonly record?: MemberPlace;
}

/** Where a field stands that is the member of a record: it is a field of its own, and the record has no column. */
export interface MemberPlace {
  /** The records around it, from the outside in. */
  readonly path: readonly RecordStep[];
  /** Its own name there: the field `positionLat` is the member `lat`. */
  readonly member: string;
  /** May it be null where its record is there? The field itself also is where a record around it may be null. */
  readonly optional: boolean;
}

export interface RecordStep {
  readonly name: string;
  /** Key in the message, or in the record around it. */
  readonly source: string;
  readonly optional: boolean;
}

/** A declared kind of event (see the glossary). Immutable; made by `stream()`. */
export interface Stream<F = unknown> {
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  readonly fields: readonly Field[];
  /** Names of the fields whose values, together, identify an event (E9). */
  readonly id: readonly string[];
  readonly eventTime: string;
  readonly partitionKey: string;
  /** When a window is called complete: milliseconds behind the largest event time. Drops nothing. */
  readonly latenessMs: number;
  /** An event time further in the future of log time than this is rejected (E11). Null: the check is off. */
  readonly skewMs: number | null;
  /** W, in offsets (E9). */
  readonly dedupeHorizon: number;
  /** S, in offsets (E1). A power of two. */
  readonly sliceSize: number;
  /** A record with a longer value is rejected as `TOO_LARGE`, bytes. */
  readonly maxRecordBytes: number;
  readonly compatibility:
    'BACKWARD' | 'BACKWARD_TRANSITIVE' | 'FORWARD' | 'FORWARD_TRANSITIVE' | 'FULL' | 'FULL_TRANSITIVE' | 'NONE';
  /** How its records are wrapped (`DebeziumEnvelopes`). Absent: a record is the event itself. */
  readonly format?: 'debezium';
  /** How an operator makes it of another stream (E26, E27). Absent: producers write it. */
  readonly change?: UpsertSource;
  /** Hash of all that decides a record's class and columns (E4): 16 hex characters. */
  readonly fingerprint: string;
  /** Type-level only: the fields' types, for views. Never present at run time. */
  readonly __fields?: F;
}

/** Restatements of rows by key and revision, from which a change stream is made (E27). Made by `upsert()`. */
export interface UpsertSource {
  readonly kind: 'upsert';
  /** The stream of restatements. */
  readonly of: Stream;
  /** Names of its fields that, together, say which row an event restates. The partition key is one of them. */
  readonly key: readonly string[];
  /** The field whose larger value wins. */
  readonly revision: string;
  /** Events whose field has one of these values take their row away; null: none does. */
  readonly operation: { readonly field: string; readonly deletes: readonly string[] } | null;
  /** Fields whose null says: not stated, the value before stands. */
  readonly keep: readonly string[];
  /** Hash of all that decides what the operator emits: the name of its snapshots (E26). 16 hex characters. */
  readonly fingerprint: string;
}
