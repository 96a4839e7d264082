import type { FieldKind, FieldShape, RecordShape } from './field-shapes.ts';
import type { FieldType, NormalText } from './stream.ts';

/** What a builder has collected. `stream()` checks it and makes a `Field` of it. */
export interface FieldDraft {
  readonly type: FieldType;
  readonly source: string | null;
  readonly optional: boolean;
  readonly bounds: readonly [number | string, number | string] | null;
  readonly unit: string | null;
  readonly description: string | null;
  /** Of a list's elements, what their type does not say; only bounds mean something there. */
  readonly element?: Pick<FieldDraft, 'bounds' | 'optional' | 'source'>;
}

/** A field under declaration: immutable, each method gives a new one. */
export interface FieldBuilder<S extends FieldShape = FieldShape> {
  readonly draft: FieldDraft;
  /** Type-level only. */
  readonly __shape?: S;
}

/** Text: `maxLength` counts code points (1,024 unless told), `matches` takes the whole text (see `compilePattern`). */
export interface TextBuilder<O extends boolean> extends FieldBuilder<FieldShape<'text', O>> {
  from(source: string): TextBuilder<O>;
  optional(): TextBuilder<true>;
  description(text: string): TextBuilder<O>;
  maxLength(codePoints: number): TextBuilder<O>;
  matches(pattern: string): TextBuilder<O>;
  /** Blanks, tabs and line breaks at both ends are left out when it is decoded, before it is checked. */
  trimmed(): TextBuilder<O>;
  /** Letters from A to Z become small when it is decoded, before it is checked. Others stay as they are. */
  lowercased(): TextBuilder<O>;
  /** The same with capitals. */
  uppercased(): TextBuilder<O>;
}

/** A number: `between` is inclusive, in the field's own measure (21.5 for 21.5 °C), compared in column units. */
export interface NumberBuilder<K extends 'int' | 'float' | 'decimal', O extends boolean> extends FieldBuilder<
  FieldShape<K, O>
> {
  from(source: string): NumberBuilder<K, O>;
  optional(): NumberBuilder<K, true>;
  description(text: string): NumberBuilder<K, O>;
  between(min: number, max: number): NumberBuilder<K, O>;
  unit(unit: string): NumberBuilder<K, O>;
}

export interface DecimalBuilder<O extends boolean> extends NumberBuilder<'decimal', O> {
  from(source: string): DecimalBuilder<O>;
  optional(): DecimalBuilder<true>;
  description(text: string): DecimalBuilder<O>;
  between(min: number, max: number): DecimalBuilder<O>;
  unit(unit: string): DecimalBuilder<O>;
  /** Digits beyond the scale are rounded, half away from zero, instead of rejected. */
  round(): DecimalBuilder<O>;
}

/** A point in time: `between` takes what a message may hold, a text or (instants) an integer in the unit. */
export interface TimeBuilder<K extends 'instant' | 'date', O extends boolean> extends FieldBuilder<FieldShape<K, O>> {
  from(source: string): TimeBuilder<K, O>;
  optional(): TimeBuilder<K, true>;
  description(text: string): TimeBuilder<K, O>;
  between(min: number | string, max: number | string): TimeBuilder<K, O>;
}

export interface PlainBuilder<S extends FieldShape> extends FieldBuilder<S> {
  from(source: string): PlainBuilder<S>;
  optional(): PlainBuilder<Omit<S, 'optional'> & { readonly optional: true }>;
  description(text: string): PlainBuilder<S>;
}

/** Bytes: `maxLength` counts them (1,024 unless told). */
export interface BytesBuilder<O extends boolean> extends FieldBuilder<FieldShape<'bytes', O>> {
  from(source: string): BytesBuilder<O>;
  optional(): BytesBuilder<true>;
  description(text: string): BytesBuilder<O>;
  maxLength(bytes: number): BytesBuilder<O>;
}

/** Values of one kind: `maxItems` counts them (100 unless told), `unique` rejects what holds one of them twice. */
export interface ListBuilder<O extends boolean, E extends FieldKind> extends FieldBuilder<
  FieldShape<'list', O, string, E>
> {
  from(source: string): ListBuilder<O, E>;
  optional(): ListBuilder<true, E>;
  description(text: string): ListBuilder<O, E>;
  maxItems(items: number): ListBuilder<O, E>;
  unique(): ListBuilder<O, E>;
}

/** What a record under declaration has collected. `stream()` makes a field of each of its members. */
export interface RecordDraft {
  readonly members: FieldBuilders;
  readonly source: string | null;
  readonly optional: boolean;
}

/** A record under declaration, whatever is in it. */
export interface AnyRecordBuilder {
  readonly record: RecordDraft;
}

export interface RecordBuilder<B extends FieldBuilders, O extends boolean> extends AnyRecordBuilder {
  from(source: string): RecordBuilder<B, O>;
  optional(): RecordBuilder<B, true>;
  /** Type-level only. */
  readonly __record?: RecordShape<BuilderShapes<B>, O>;
}

/** Fields and records by name. */
export interface FieldBuilders {
  readonly [name: string]: FieldBuilder | AnyRecordBuilder;
}

type BuilderShape<B> = B extends AnyRecordBuilder
  ? B extends { readonly __record?: infer R }
    ? NonNullable<R>
    : never
  : B extends FieldBuilder<infer S>
    ? S
    : FieldShape;

/** What the type checker knows of declared fields. */
export type BuilderShapes<B extends FieldBuilders> = { readonly [N in keyof B & string]: BuilderShape<B[N]> };

/** UTF-8 text; any code point, NUL included, no lone surrogate. */
export function text(): TextBuilder<false> {
  return textBuilder(draftOf({ kind: 'text', maxLength: 1024, matches: null }));
}

/** A whole number from -2^53 to 2^53; `1.0` and `1e3` are whole numbers too. */
export function int(): NumberBuilder<'int', false> {
  return numberBuilder(draftOf({ kind: 'int' }));
}

/** A number with at most `scale` (0 to 15) digits after the point, kept exactly as an integer of 10^-scale. */
export function decimal(scale: number): DecimalBuilder<false> {
  return decimalBuilder(draftOf({ kind: 'decimal', scale, round: false }));
}

/** A binary number, kept as `floor(x / quantum)`; the quantum is a power of two, so the division is exact. */
export function float(options: { readonly quantum: number }): NumberBuilder<'float', false> {
  return numberBuilder(draftOf({ kind: 'float', quantum: options.quantum }));
}

/** `true` or `false`. */
export function boolean(): PlainBuilder<FieldShape<'boolean', false>> {
  return plainBuilder(draftOf({ kind: 'boolean' }));
}

/** A point in time: an integer of the unit since 1970, or `YYYY-MM-DDTHH:MM:SS[.fraction]Z`. */
export function instant(unit: 's' | 'ms' | 'us'): TimeBuilder<'instant', false> {
  return timeBuilder(draftOf({ kind: 'instant', unit }));
}

/** A day of the calendar as `YYYY-MM-DD`, kept as days since 1970-01-01. */
export function date(): TimeBuilder<'date', false> {
  return timeBuilder(draftOf({ kind: 'date' }));
}

/** One of the given texts. */
export function enumeration<const V extends string>(
  values: readonly V[],
): PlainBuilder<FieldShape<'enumeration', false, V>> {
  return plainBuilder(draftOf({ kind: 'enumeration', values: [...values] }));
}

/** Bytes, in messages as base64 with its padding (RFC 4648, section 4). */
export function bytes(): BytesBuilder<false> {
  return bytesBuilder(draftOf({ kind: 'bytes', maxLength: 1024 }));
}

/** A list of values that are neither null nor lists. */
export function list<E extends Exclude<FieldKind, 'list'>, V extends string = string>(
  of: FieldBuilder<FieldShape<E, false, V>>,
): ListBuilder<false, E> {
  const { type, bounds, optional, source } = of.draft;
  const draft = draftOf({ kind: 'list', of: { type, min: null, max: null }, maxItems: 100, unique: false });
  return listBuilder({ ...draft, element: { bounds, optional, source } });
}

/** 8-4-4-4-12 hex digits in either case, kept in lower case. */
export function uuid(): PlainBuilder<FieldShape<'uuid', false>> {
  return plainBuilder(draftOf({ kind: 'uuid' }));
}

/**
 * An object in the message, with fields of its own. Each is a field of the stream: `lat` of `position` is `positionLat` in
 * columns, ids and keys, and `event.position.lat` in views. A record itself is no value: one that is null leaves all of
 * its fields null.
 */
export function record<const B extends FieldBuilders>(members: B): RecordBuilder<B, false> {
  return recordBuilder({ members, source: null, optional: false });
}

function recordBuilder<B extends FieldBuilders, O extends boolean>(draft: RecordDraft): RecordBuilder<B, O> {
  return {
    record: draft,
    from: (source) => recordBuilder({ ...draft, source }),
    optional: () => recordBuilder({ ...draft, optional: true }),
  };
}

function draftOf(type: FieldType): FieldDraft {
  return { type, source: null, optional: false, bounds: null, unit: null, description: null };
}

function textBuilder<O extends boolean>(draft: FieldDraft): TextBuilder<O> {
  const typed = (change: { maxLength?: number; matches?: string; normal?: NormalText }): TextBuilder<O> =>
    textBuilder(draft.type.kind === 'text' ? { ...draft, type: { ...draft.type, ...change } } : draft);
  const { trim = false, letters = null } = (draft.type.kind === 'text' ? draft.type.normal : undefined) ?? {};
  return {
    draft,
    from: (source) => textBuilder({ ...draft, source }),
    optional: () => textBuilder({ ...draft, optional: true }),
    description: (description) => textBuilder({ ...draft, description }),
    maxLength: (maxLength) => typed({ maxLength }),
    matches: (matches) => typed({ matches }),
    trimmed: () => typed({ normal: { trim: true, letters } }),
    lowercased: () => typed({ normal: { trim, letters: 'lower' } }),
    uppercased: () => typed({ normal: { trim, letters: 'upper' } }),
  };
}

function numberBuilder<K extends 'int' | 'float' | 'decimal', O extends boolean>(
  draft: FieldDraft,
): NumberBuilder<K, O> {
  return {
    draft,
    from: (source) => numberBuilder({ ...draft, source }),
    optional: () => numberBuilder({ ...draft, optional: true }),
    description: (description) => numberBuilder({ ...draft, description }),
    between: (min, max) => numberBuilder({ ...draft, bounds: [min, max] }),
    unit: (unit) => numberBuilder({ ...draft, unit }),
  };
}

function decimalBuilder<O extends boolean>(draft: FieldDraft): DecimalBuilder<O> {
  return {
    draft,
    from: (source) => decimalBuilder({ ...draft, source }),
    optional: () => decimalBuilder({ ...draft, optional: true }),
    description: (description) => decimalBuilder({ ...draft, description }),
    between: (min, max) => decimalBuilder({ ...draft, bounds: [min, max] }),
    unit: (unit) => decimalBuilder({ ...draft, unit }),
    round: () =>
      decimalBuilder(draft.type.kind === 'decimal' ? { ...draft, type: { ...draft.type, round: true } } : draft),
  };
}

function timeBuilder<K extends 'instant' | 'date', O extends boolean>(draft: FieldDraft): TimeBuilder<K, O> {
  return {
    draft,
    from: (source) => timeBuilder({ ...draft, source }),
    optional: () => timeBuilder({ ...draft, optional: true }),
    description: (description) => timeBuilder({ ...draft, description }),
    between: (min, max) => timeBuilder({ ...draft, bounds: [min, max] }),
  };
}

function plainBuilder<S extends FieldShape>(draft: FieldDraft): PlainBuilder<S> {
  return {
    draft,
    from: (source) => plainBuilder({ ...draft, source }),
    optional: () => plainBuilder({ ...draft, optional: true }),
    description: (description) => plainBuilder({ ...draft, description }),
  };
}

function bytesBuilder<O extends boolean>(draft: FieldDraft): BytesBuilder<O> {
  return {
    draft,
    from: (source) => bytesBuilder({ ...draft, source }),
    optional: () => bytesBuilder({ ...draft, optional: true }),
    description: (description) => bytesBuilder({ ...draft, description }),
    maxLength: (maxLength) => bytesBuilder({ ...draft, type: { kind: 'bytes', maxLength } }),
  };
}

function listBuilder<O extends boolean, E extends FieldKind>(draft: FieldDraft): ListBuilder<O, E> {
  const listed = (change: { maxItems?: number; unique?: boolean }): ListBuilder<O, E> =>
    listBuilder(draft.type.kind === 'list' ? { ...draft, type: { ...draft.type, ...change } } : draft);
  return {
    draft,
    from: (source) => listBuilder({ ...draft, source }),
    optional: () => listBuilder({ ...draft, optional: true }),
    description: (description) => listBuilder({ ...draft, description }),
    maxItems: (maxItems) => listed({ maxItems }),
    unique: () => listed({ unique: true }),
  };
}
