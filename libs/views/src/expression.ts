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
  | { readonly op: 'isNull' | 'not' | 'negate' | 'abs'; readonly of: Expr }
  | { readonly op: 'and' | 'or' | 'coalesce'; readonly args: readonly Expr[] }
  | { readonly op: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'; readonly left: Expr; readonly right: Expr }
  | {
      readonly op: 'add' | 'subtract' | 'multiply' | 'divide' | 'remainder' | 'modulo';
      readonly left: Expr;
      readonly right: Expr;
    }
  | { readonly op: 'oneOf'; readonly of: Expr; readonly values: readonly (number | string)[] }
  | { readonly op: 'startsWith' | 'endsWith' | 'contains'; readonly of: Expr; readonly text: string }
  | { readonly op: 'if'; readonly condition: Expr; readonly then: Expr; readonly else: Expr }
);
