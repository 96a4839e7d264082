import type { FieldType, Stream } from './stream.ts';

export type FieldKind = FieldType['kind'];

/** What the type checker knows of a field: its kind, whether it may be null, the values of an enumeration. */
export interface FieldShape<
  K extends FieldKind = FieldKind,
  O extends boolean = boolean,
  V extends string = string,
  E extends FieldKind = FieldKind,
> {
  readonly kind: K;
  readonly optional: O;
  readonly values: V;
  /** Of a list's elements. */
  readonly element?: E | undefined;
}

/** The same of a record: what is in it. `M` are `FieldShapes`. */
export interface RecordShape<M = unknown, O extends boolean = boolean> {
  readonly kind: 'record';
  readonly optional: O;
  readonly values: never;
  readonly element?: undefined;
  readonly members: M;
}

/** The `F` of `Stream<F>`: one shape a field or record, by name. */
export interface FieldShapes {
  readonly [name: string]: FieldShape | RecordShape;
}

/** The shapes of a stream: `ShapesOf<typeof readings>['temperature']['kind']` is `'decimal'`. */
export type ShapesOf<S extends Stream> = S extends Stream<infer F> ? (F extends FieldShapes ? F : FieldShapes) : never;

export type FieldName<S extends Stream> = FieldNameOfKind<ShapesOf<S>, FieldKind>;

/**
 * Names of the fields of some kinds, and of those that may be null or may not. A member of a record has the record's name
 * before its own: `lat` of `position` is `positionLat`. It may be null where its record may be.
 */
export type FieldNameOfKind<
  F extends FieldShapes,
  K extends FieldKind,
  O extends boolean = boolean,
> = string extends keyof F
  ? string
  : {
      [N in keyof F & string]: F[N] extends RecordShape<infer M extends FieldShapes, infer R>
        ? MemberName<N, M, K, O, R>
        : F[N] extends FieldShape<K, O>
          ? N
          : never;
    }[keyof F & string];

type MemberName<N extends string, M extends FieldShapes, K extends FieldKind, O extends boolean, R extends boolean> = [
  true,
] extends [O]
  ? // Whoever takes fields that may be null takes every one of a record that may be.
    `${N}${Capitalize<FieldNameOfKind<M, K, R extends true ? boolean : O>>}`
  : R extends false
    ? `${N}${Capitalize<FieldNameOfKind<M, K, O>>}`
    : never;
