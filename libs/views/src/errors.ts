import { TwofoldError } from '@twofold/schemas';

/** Closed list of what the declaration of a view, and what is compiled from it, refuses. */
export type ViewErrorCode =
  /** The declaration is wrong; `facts.problems` names every fault. */
  | 'INVALID_VIEW'
  /** The same of an alarm. */
  | 'INVALID_ALARM'
  /** The same of a gate. */
  | 'INVALID_GATE'
  /** The same of a project: its id, names given twice, streams that it does not name. */
  | 'INVALID_PROJECT'
  /** An expression does not fit where it is used: a text where a number is wanted, a field its stream does not have. */
  | 'INVALID_EXPRESSION'
  /** SQL was asked for a width that the view does not store. */
  | 'UNKNOWN_LEVEL'
  /** SQL was asked for a view with a reducer. */
  | 'NOT_IN_SQL';

export class ViewError extends TwofoldError<ViewErrorCode> {
  override readonly name = 'ViewError';
}

/** One fault of a declaration. `INVALID_VIEW` carries all of them in `facts.problems`. */
export interface ViewProblem {
  readonly code: ViewProblemCode;
  /** Where: `measures.temperature`, `window`, `serve[0].key`. */
  readonly path: string;
  /** What is wrong and how to mend it. */
  readonly message: string;
}

/** Takes one fault; the declaration is read on, so that all are named at once. */
export type ReportProblem = (code: ViewProblemCode, path: string, message: string) => void;

/** Closed list of faults of a view's declaration. */
export type ViewProblemCode =
  | 'NAME_INVALID'
  | 'NAME_RESERVED'
  | 'NAME_CLASHES'
  | 'NUMBER_INVALID'
  | 'DURATION_INVALID'
  | 'WINDOW_INVALID'
  /** A time zone that the tables do not have. */
  | 'ZONE_UNKNOWN'
  | 'LEVEL_INVALID'
  | 'LEVELS_DO_NOT_NEST'
  | 'LEVEL_DOES_NOT_DIVIDE'
  | 'RETENTION_INVALID'
  | 'NO_MEASURE'
  | 'SERVE_INVALID'
  | 'SCHEDULE_INVALID'
  | 'FRESHNESS_INVALID'
  | 'KIND_INVALID'
  | 'SEVERITY_INVALID'
  /** A field that the stream does not have, or a measure that the view does not have. */
  | 'NOT_DECLARED'
  /** A literal can not be held exactly in the units it is compared or combined with. */
  | 'LITERAL_INEXACT'
  | 'LITERAL_INVALID'
  /** Operands in units that have no exact common one. */
  | 'UNITS_DIFFER'
  /** An expression could leave the integers up to 2^53. */
  | 'RANGE_TOO_WIDE'
  /** The variance of an expression that could be above 2^43 units. */
  | 'VARIANCE_TOO_WIDE'
  /** A measure over a change stream that can not take back what was folded. */
  | 'CAN_NOT_SUBTRACT'
  /** A sketch of a precision that there is not. */
  | 'PRECISION_INVALID'
  /** A quantile that is no part of the values, or an error that no bins keep. */
  | 'QUANTILE_INVALID'
  /** Edges that do not rise, none, or too many. */
  | 'HISTOGRAM_INVALID'
  /** More values than are counted. */
  | 'COUNT_BY_INVALID'
  /** A reducer that is made of nothing. */
  | 'REDUCER_INVALID'
  /** A reducer that breaks a law, or whose states are none. */
  | 'REDUCER_UNLAWFUL';
