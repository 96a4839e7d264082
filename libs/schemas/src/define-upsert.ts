import { checkStreamName, declareStream, type Report } from './define-stream.ts';
import type { SchemaProblem } from './errors.ts';
import type { FieldKind, FieldNameOfKind, FieldShapes } from './field-shapes.ts';
import { fingerprintOf } from './fingerprint-of.ts';
import type { Duration } from './parse-duration.ts';
import type { Field, Stream, UpsertSource } from './stream.ts';

/** Fields that every change stream has beside those of its rows: no view reads them as a field. */
export const changeFields = {
  /** 1: the row holds from here on; -1: it holds no more. */
  sign: 'changeSign',
  /** Which restatement brought it: its offset in the partition of the same number. */
  offset: 'changeOffset',
  /** Of the changes that one restatement brings, 0 or 1. */
  ordinal: 'changeOrdinal',
} as const;

export function isChangeField(name: string): boolean {
  return Object.values(changeFields).some((own) => own === name);
}

/** What `upsert()` takes. Names of fields are checked by the compiler and again at run time. */
export interface UpsertDeclaration<F extends FieldShapes, O extends keyof F & string> {
  readonly description?: string;
  /** The stream of restatements. It is partitioned by a field of `key`. */
  readonly of: Stream<F>;
  /** The fields that together say which row an event restates. None is optional. */
  readonly key: readonly FieldNameOfKind<NoInfer<F>, FieldKind, false>[];
  /** A number or a time that is not optional: of two restatements of a row the one with the larger value wins. */
  readonly revision: FieldNameOfKind<NoInfer<F>, 'int' | 'decimal' | 'instant' | 'date', false>;
  /** An enumeration, and those of its values that take a row away. Every other value, and null, states the row. */
  readonly operation?: { readonly field: O; readonly deletes: readonly F[O]['values'][] };
  /** Optional fields whose null says: not stated, the value before stands. Elsewhere null is a value. */
  readonly keep?: readonly FieldNameOfKind<NoInfer<F>, FieldKind, boolean>[];
  /** That of the restatements unless told: an instant or a date of the row. A row without one is rejected. */
  readonly eventTime?: FieldNameOfKind<NoInfer<F>, 'instant' | 'date', boolean>;
  readonly lateness?: Duration;
  readonly dedupeHorizon?: number;
  readonly sliceSize?: number;
  readonly version?: number;
}

/** Raised when an operator begins to emit something else for the same restatements: part of every fingerprint. */
const operatorRules = 1;

/**
 * Declares a change stream (E27): rows that are stated again and again by key and revision become pairs of −old and
 * +new in a log of its own, which views fold like any other. Throws `INVALID_STREAM` with every fault at once.
 */
export function upsert<F extends FieldShapes, const O extends keyof F & string = never>(
  name: string,
  declaration: UpsertDeclaration<F, O>,
): Stream<Omit<F, O>> {
  const { of, revision, operation = null, key, keep = [], eventTime = of.eventTime } = declaration;
  const problems: SchemaProblem[] = [];
  const report: Report = (code, path, message) => void problems.push({ code, path, message });
  checkStreamName(name, report);
  checkSource(of, { key, revision, keep, eventTime, operation }, report);
  const kept = of.fields.filter((field) => field.name !== operation?.field);
  const fields = [
    ...kept.map((field) => changeField(field, field.name === eventTime)),
    counter(changeFields.sign, -1, 1),
    counter(changeFields.offset, 0, 2 ** 52 - 1),
    counter(changeFields.ordinal, 0, 1),
  ];
  const facts = {
    kind: 'upsert',
    key: [...key],
    revision,
    operation: operation === null ? null : { field: operation.field, deletes: [...operation.deletes] },
    keep: [...keep],
  } as const;
  const change: UpsertSource = {
    ...facts,
    of,
    fingerprint: fingerprintOf({ operatorRules, of: of.fingerprint, eventTime, ...facts }),
  };
  const { description, lateness, dedupeHorizon, sliceSize, version } = declaration;
  return declareStream(
    name,
    fields,
    {
      ...(description === undefined ? {} : { description }),
      ...(lateness === undefined ? {} : { lateness }),
      ...(version === undefined ? {} : { version }),
      dedupeHorizon: dedupeHorizon ?? of.dedupeHorizon,
      sliceSize: sliceSize ?? of.sliceSize,
      id: [changeFields.offset, changeFields.ordinal],
      eventTime,
      partitionKey: of.partitionKey,
      skew: null,
      // A row may be put together of several restatements, and numbers may be written out.
      maxRecordBytes: Math.min(2 ** 30, 4 * of.maxRecordBytes + 2 ** 16),
      compatibility: 'NONE',
      change,
    },
    problems,
  );
}

/**
 * A field of the rows, under its own name; one that gives the event time is never null. A member that is never null where
 * its record is there may be null here: a row may be put together of restatements with the record and without it.
 */
function changeField(field: Field, isTime: boolean): Field {
  const own = { ...field, optional: field.optional && !isTime };
  const { record } = field;
  if (record === undefined) return { ...own, source: field.name };
  const path = record.path.map((step) => ({ ...step, source: step.name }));
  return { ...own, source: record.member, record: { ...record, path, optional: own.optional } };
}

function counter(name: string, min: number, max: number): Field {
  return { name, source: name, type: { kind: 'int' }, optional: false, min, max, unit: null, description: null };
}

type Parts = Pick<UpsertSource, 'key' | 'revision' | 'keep' | 'operation'> & { readonly eventTime: string };

function checkSource(of: Stream, parts: Parts, report: Report): void {
  const known = of.fields.map((field) => field.name).join(', ');
  const find = (path: string, name: string): Field | null => {
    const field = of.fields.find((each) => each.name === name) ?? null;
    if (field === null) report('FIELD_UNKNOWN', path, `'${of.name}' has no field '${name}'. Declared are: ${known}.`);
    return field;
  };
  const required = (path: string, name: string): Field | null => {
    const field = find(path, name);
    if (field?.optional === true)
      report('FIELD_OPTIONAL', path, `'${name}' is optional, and no row can be told by it. Drop .optional().`);
    return field;
  };
  if (of.change !== undefined)
    report('FIELD_KIND', 'of', `'${of.name}' is a change stream already. Declare views over it.`);
  if (parts.key.length === 0) report('FIELD_COUNT', 'key', 'names no field. Name those that together identify a row.');
  parts.key.forEach((name, i) => {
    required(`key[${i}]`, name);
    if (parts.key.indexOf(name) < i) report('FIELD_REPEATED', `key[${i}]`, `'${name}' is named twice.`);
  });
  if (!parts.key.includes(of.partitionKey))
    report(
      'NOT_PARTITIONED_BY_KEY',
      'key',
      `'${of.name}' is partitioned by '${of.partitionKey}', which is no part of the key: restatements of one row could stand in several partitions, where nothing orders them. Add it to the key, or partition by a field of the key.`,
    );
  const revision = required('revision', parts.revision);
  if (revision !== null && !['int', 'decimal', 'instant', 'date'].includes(revision.type.kind))
    report('FIELD_KIND', 'revision', `'${revision.name}' is of kind ${revision.type.kind}; a revision is a number.`);
  for (const [i, name] of parts.keep.entries())
    if (find(`keep[${i}]`, name)?.optional === false)
      report('FIELD_KIND', `keep[${i}]`, `'${name}' is never null, so there is nothing to keep. Add .optional().`);
  if (find('eventTime', parts.eventTime)?.record?.path.some((step) => step.optional) === true)
    report('FIELD_OPTIONAL', 'eventTime', `'${parts.eventTime}' stands in a record that may be null.`);
  checkOperation(parts, find, report);
  for (const { name } of of.fields)
    if (isChangeField(name))
      report('NAME_RESERVED', `of.fields.${name}`, 'is a name that change streams use. Rename it.');
}

function checkOperation(
  { operation, key, revision, keep, eventTime }: Parts,
  find: (path: string, name: string) => Field | null,
  report: Report,
): void {
  if (operation === null) return;
  const field = find('operation.field', operation.field);
  if (field === null) return;
  if (field.type.kind !== 'enumeration') {
    report('FIELD_KIND', 'operation.field', `'${field.name}' is of kind ${field.type.kind}; name an enumeration.`);
    return;
  }
  const { values } = field.type;
  for (const [i, value] of operation.deletes.entries())
    if (!values.includes(value))
      report('VALUES_INVALID', `operation.deletes[${i}]`, `'${value}' is none of ${values.join(', ')}.`);
  if ([...key, revision, ...keep, eventTime].includes(field.name))
    report('FIELD_REPEATED', 'operation.field', `'${field.name}' has another role too; rows do not hold it.`);
}
