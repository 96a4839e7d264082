import type { Expr } from './expression.ts';

export const gateSeverities = ['warn', 'block'] as const;
export type GateSeverity = (typeof gateSeverities)[number];

/**
 * What a candidate's rows are held against before anything of it is visible, whoever made it: a limit on what changes, or
 * an audit that every row has to meet. Plain data. Made by `gate()`, or of the flags of `twofold apply`.
 */
export interface Gate {
  readonly name: string;
  /** `block`: the candidate is given up and the served release stays. `warn`: it is told. */
  readonly severity: GateSeverity;
  /** Null: any view, any measure. */
  readonly view: string | null;
  readonly measure: string | null;
  /** At most so large a relative change of a row: 0.2 is a fifth. */
  readonly maxRelativeChange: number | null;
  /** At most so many rows changed, come and gone, of a view. */
  readonly maxRows: number | null;
  /** An audit: false for no row that is made anew; what is null is not false. */
  readonly holds: Expr | null;
}

/** Nothing is asked. */
export const noLimit: Omit<Gate, 'name' | 'severity'> = {
  view: null,
  measure: null,
  maxRelativeChange: null,
  maxRows: null,
  holds: null,
};
