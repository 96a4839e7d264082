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

/** The `F` of `Stream<F>`: one shape a field, by name. */
export type FieldShapes = Readonly<Record<string, FieldShape>>;

/** The shapes of a stream: `ShapesOf<typeof readings>['temperature']['kind']` is `'decimal'`. */
export type ShapesOf<S extends Stream> = S extends Stream<infer F> ? (F extends FieldShapes ? F : FieldShapes) : never;

export type FieldName<S extends Stream> = keyof ShapesOf<S> & string;

/** Names of the fields of some kinds. */
export type FieldNameOfKind<F extends FieldShapes, K extends FieldKind> = {
  [N in keyof F & string]: F[N]['kind'] extends K ? N : never;
}[keyof F & string];
