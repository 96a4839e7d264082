import { resolveFields } from './resolve-field.ts';
import { SchemaError, type SchemaProblem, type SchemaProblemCode } from './errors.ts';
import type { BuilderShapes, FieldBuilders } from './field-builders.ts';
import type { FieldKind, FieldNameOfKind } from './field-shapes.ts';
import { fingerprintOf, type CanonicalValue } from './fingerprint-of.ts';
import { messageTree, type MessageNode } from './message-tree.ts';
import { parseDuration, type Duration } from './parse-duration.ts';
import type { Field, MemberPlace, Stream, UpsertSource } from './stream.ts';

type RequiredNames<B extends FieldBuilders, K extends FieldKind = FieldKind> = FieldNameOfKind<
  BuilderShapes<B>,
  K,
  false
>;

/** What `stream()` takes. Names of fields are checked by the compiler and again at run time. */
export interface StreamDeclaration<B extends FieldBuilders> {
  readonly description?: string;
  readonly fields: B;
  /** The fields that together identify an event (E9). None is optional. */
  readonly id: readonly RequiredNames<NoInfer<B>>[];
  /** An instant or a date that is not optional. */
  readonly eventTime: RequiredNames<NoInfer<B>, 'instant' | 'date'>;
  /** The field whose value producers use as the record's key; the first of `id` unless told. */
  readonly partitionKey?: RequiredNames<NoInfer<B>>;
  /** '1m' unless told. */
  readonly lateness?: Duration;
  /** '5m' unless told; null where producers set the log's time (E11). */
  readonly skew?: Duration | null;
  /** W; 100,000 offsets unless told. */
  readonly dedupeHorizon?: number;
  /** S; 2^14 offsets unless told. */
  readonly sliceSize?: number;
  /** Bytes of a record's value; a longer one is rejected. 1 MiB unless told. */
  readonly maxRecordBytes?: number;
  /** 'BACKWARD_TRANSITIVE' unless told. */
  readonly compatibility?: Stream['compatibility'];
  /** 1 unless told. Raise it with every change that decides a record's class. */
  readonly version?: number;
  /**
   * 'debezium': records are Debezium's change events. Fields are those of the row; what is around it is declared by
   * `.from('$op')`, `.from('$ts_ms')`, `.from('$source.lsn')`.
   */
  readonly format?: 'debezium';
}

const defaultMaxRecordBytes = 2 ** 20;

/** Raised when decoding itself changes its mind about any record: part of every stream's fingerprint. */
const decodeRules = 1;

/** Declares a stream. Throws `INVALID_STREAM` with every fault of the declaration at once. */
export function stream<const B extends FieldBuilders>(
  name: string,
  declaration: StreamDeclaration<B>,
): Stream<BuilderShapes<B>> {
  const problems: SchemaProblem[] = [];
  const report: Report = (code, path, message) => void problems.push({ code, path, message });
  checkStreamName(name, report);
  const fields = resolveFields(declaration.fields, report);
  return declareStream(name, fields, declaration, problems);
}

/** What is declared beside the fields. */
export interface StreamSettings {
  readonly description?: string;
  readonly id: readonly string[];
  readonly eventTime: string;
  readonly partitionKey?: string;
  readonly lateness?: Duration;
  readonly skew?: Duration | null;
  readonly dedupeHorizon?: number;
  readonly sliceSize?: number;
  readonly maxRecordBytes?: number;
  readonly compatibility?: Stream['compatibility'];
  readonly version?: number;
  readonly format?: 'debezium';
  readonly change?: UpsertSource;
}

/** The declaration of a stream whose fields are known. Throws as `stream()` does, with the problems found before too. */
export function declareStream<F>(
  name: string,
  fields: readonly Field[],
  declaration: StreamSettings,
  problems: SchemaProblem[],
): Stream<F> {
  const report: Report = (code, path, message) => void problems.push({ code, path, message });
  const whole = (path: string, value: number, min: number, max: number): number => {
    if (!(Number.isInteger(value) && value >= min && value <= max)) {
      report('NUMBER_INVALID', path, `${value} is not a whole number from ${min} to ${max}.`);
    }
    return value;
  };
  const duration = (path: string, text: string): number => {
    try {
      return parseDuration(text);
    } catch (error) {
      report('DURATION_INVALID', path, error instanceof SchemaError ? error.message : String(error));
      return 0;
    }
  };

  checkFields(fields, report);
  checkRoles(fields, declaration, report);
  const sliceSize = whole('sliceSize', declaration.sliceSize ?? 2 ** 14, 1, 2 ** 24);
  if (!Number.isInteger(Math.log2(sliceSize))) {
    report(
      'NUMBER_INVALID',
      'sliceSize',
      `${sliceSize} is not a power of two. Use 16384 (the default) or another one.`,
    );
  }
  const result = {
    name,
    version: whole('version', declaration.version ?? 1, 1, 1_000_000),
    description: declaration.description ?? null,
    fields,
    id: [...declaration.id],
    eventTime: declaration.eventTime,
    partitionKey: declaration.partitionKey ?? declaration.id[0] ?? '',
    latenessMs: duration('lateness', declaration.lateness ?? '1m'),
    skewMs: declaration.skew === null ? null : duration('skew', declaration.skew ?? '5m'),
    dedupeHorizon: whole('dedupeHorizon', declaration.dedupeHorizon ?? 100_000, 0, 10_000_000),
    sliceSize,
    maxRecordBytes: whole('maxRecordBytes', declaration.maxRecordBytes ?? defaultMaxRecordBytes, 1, 2 ** 30),
    compatibility: declaration.compatibility ?? 'BACKWARD_TRANSITIVE',
    ...(declaration.format === undefined ? {} : { format: declaration.format }),
    ...(declaration.change === undefined ? {} : { change: declaration.change }),
  };
  if (problems.length > 0) {
    const list = problems.map((problem) => `  ${problem.path}: ${problem.message}`).join('\n');
    throw new SchemaError('INVALID_STREAM', `The stream '${name}' is declared wrongly:\n${list}`, {
      facts: { stream: name, problems },
    });
  }
  return deepFreeze({ ...result, fingerprint: streamFingerprint(result) });
}

export type Report = (code: SchemaProblemCode, path: string, message: string) => void;

export function checkStreamName(name: string, report: Report): void {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 100) return;
  report(
    'NAME_INVALID',
    'name',
    `'${name}' is no name for a stream. Use at most 100 small letters, digits and single hyphens: 'sensor-readings'.`,
  );
}

function checkFields(fields: readonly Field[], report: Report): void {
  if (fields.length < 1 || fields.length > 500) {
    report('FIELD_COUNT', 'fields', `A stream has 1 to 500 fields; this one has ${fields.length}.`);
  }
  const names = new Map<string, string>();
  for (const field of fields) {
    const clash = names.get(field.name.toLowerCase());
    // SQL engines do not tell 'sensorId' from 'sensorid'.
    if (clash !== undefined)
      report('NAME_CLASHES', `fields.${field.name}`, `differs from '${clash}' only in capitals. Rename one.`);
    names.set(field.name.toLowerCase(), field.name);
  }
  checkSources(messageTree(fields), fields, report);
}

/** Of what stands side by side, each has a key of its own. */
function checkSources(nodes: readonly MessageNode[], fields: readonly Field[], report: Report): void {
  const sources = new Map<string, string>();
  for (const node of nodes) {
    const name = 'field' in node ? (fields[node.field]?.name ?? '') : node.record.name;
    const same = sources.get(node.source);
    if (same !== undefined)
      report(
        'SOURCE_DUPLICATE',
        `fields.${name}.from`,
        `reads the key '${node.source}', and so does '${same}'. A key feeds one field.`,
      );
    sources.set(node.source, name);
    if ('record' in node) checkSources(node.record.members, fields, report);
  }
}

interface Roles {
  readonly id: readonly string[];
  readonly eventTime: string;
  readonly partitionKey?: string;
}

/** The fields with a role: they exist, are never null, and the event time is a time. */
function checkRoles(fields: readonly Field[], roles: Roles, report: Report): void {
  const known = fields.map((field) => field.name).join(', ');
  const required = (path: string, name: string): Field | undefined => {
    const field = fields.find((candidate) => candidate.name === name);
    if (field === undefined) report('FIELD_UNKNOWN', path, `there is no field '${name}'. Declared are: ${known}.`);
    else if (field.optional)
      report(
        'FIELD_OPTIONAL',
        path,
        `'${name}' is optional, and an event without it would have none. Drop .optional().`,
      );
    return field;
  };
  if (roles.id.length === 0) report('FIELD_COUNT', 'id', 'names no field. Name those that together identify an event.');
  roles.id.forEach((name, i) => {
    required(`id[${i}]`, name);
    if (roles.id.indexOf(name) < i) report('FIELD_REPEATED', `id[${i}]`, `'${name}' is named twice.`);
  });
  const time = required('eventTime', roles.eventTime);
  if (time !== undefined && time.type.kind !== 'instant' && time.type.kind !== 'date') {
    report(
      'FIELD_KIND',
      'eventTime',
      `'${time.name}' is of kind ${time.type.kind}. An event time is an instant or a date.`,
    );
  }
  if (roles.partitionKey !== undefined) required('partitionKey', roles.partitionKey);
}

/**
 * Only what decides a record's class and columns: a new description or unit is no new stream. A bound on records that is
 * the default is left out, as it was when no stream could declare one: data that were written then stay what they are.
 */
function streamFingerprint(declared: Omit<Stream, 'fingerprint' | '__fields'>): string {
  const { name, version, id, eventTime, skewMs, dedupeHorizon, sliceSize, maxRecordBytes } = declared;
  const fields = declared.fields.map((field) => ({
    name: field.name,
    source: field.source,
    type: { ...field.type },
    optional: field.optional,
    min: field.min,
    max: field.max,
    ...(field.record === undefined ? {} : { record: placeFacts(field.record) }),
  }));
  const bound = maxRecordBytes === defaultMaxRecordBytes ? {} : { maxRecordBytes };
  const format = declared.format === undefined ? {} : { format: declared.format };
  const change = declared.change === undefined ? {} : { change: declared.change.fingerprint };
  return fingerprintOf({
    decodeRules,
    name,
    version,
    fields,
    id,
    eventTime,
    skewMs,
    dedupeHorizon,
    sliceSize,
    ...bound,
    ...format,
    ...change,
  });
}

/** What of a member's place decides where it is read and when it may be missing. */
function placeFacts({ path, optional }: MemberPlace): CanonicalValue {
  return { path: path.map((step) => ({ source: step.source, optional: step.optional })), optional };
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
