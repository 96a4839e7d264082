/**
 * The type of an expression. `units` of a number: its column holds integers; `scale` says that one unit is 10^-scale,
 * `quantum` that one unit is that power of two; neither: plain integers. `min` and `max` bound the integer.
 */
export type ExprType =
  | {
      readonly kind: 'number';
      readonly scale: number;
      readonly quantum: number | null;
      readonly min: number;
      readonly max: number;
      readonly nullable: boolean;
    }
  | {
      readonly kind: 'instant';
      readonly unit: 's' | 'ms' | 'us';
      readonly min: number;
      readonly max: number;
      readonly nullable: boolean;
    }
  | { readonly kind: 'date'; readonly min: number; readonly max: number; readonly nullable: boolean }
  | { readonly kind: 'boolean'; readonly nullable: boolean }
  | { readonly kind: 'text'; readonly nullable: boolean };

/** A closed list of operators with one meaning in every engine (three-valued logic). Literals are in column units. */
export type Expr = { readonly type: ExprType } & (
  | { readonly op: 'field'; readonly field: string }
  | { readonly op: 'measure'; readonly measure: string }
  | { readonly op: 'literal'; readonly value: number | string | boolean | null }
  | { readonly op: 'isNull' | 'not' | 'negate' | 'abs' | 'sign'; readonly of: Expr }
  | { readonly op: 'and' | 'or' | 'coalesce' | 'greatest' | 'least' | 'concat'; readonly args: readonly Expr[] }
  /** Different, where null is a value like any other. */
  | { readonly op: 'distinctFrom'; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'; readonly left: Expr; readonly right: Expr }
  | {
      readonly op: 'add' | 'subtract' | 'multiply' | 'divide' | 'remainder' | 'modulo';
      readonly left: Expr;
      readonly right: Expr;
    }
  | { readonly op: 'oneOf'; readonly of: Expr; readonly values: readonly (number | string)[] }
  | { readonly op: 'startsWith' | 'endsWith' | 'contains'; readonly of: Expr; readonly text: string }
  /** By code point; `start` counts from 0, a `length` of null goes to the end. */
  | { readonly op: 'substring'; readonly of: Expr; readonly start: number; readonly length: number | null }
  | { readonly op: 'last'; readonly of: Expr; readonly length: number }
  | { readonly op: 'indexOf'; readonly of: Expr; readonly text: string }
  | { readonly op: 'replace'; readonly of: Expr; readonly text: string; readonly by: string }
  /** The whole text, by `compilePattern`. */
  | { readonly op: 'matches'; readonly of: Expr; readonly pattern: string }
  | {
      readonly op: 'length' | 'byteLength' | 'lowerAscii' | 'upperAscii' | 'trim' | 'toText';
      readonly of: Expr;
    }
  /** Of days since 1970. */
  | { readonly op: 'year' | 'month' | 'dayOfMonth' | 'isoWeek'; readonly of: Expr }
  | { readonly op: 'if'; readonly condition: Expr; readonly then: Expr; readonly else: Expr }
);
