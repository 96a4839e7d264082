import type { BooleanExpression } from './expression-base.ts';
import {
  NumberExpression,
  TextExpression,
  TimeExpression,
  type JointForm,
  type NumberForm,
} from './expression-builders.ts';
import { constant, literalBeside, nullBeside, type ExpressionDraft } from './expression-draft.ts';
import { choice } from './expression-operators.ts';
import { naturalUnits, wholeNumbers } from './expression-units.ts';

type TextOperand<N extends boolean, V extends string> = V | TextExpression<N, V>;

/**
 * `then` where the condition is true, `otherwise` where it is false or null; without an `otherwise` it is null there.
 * `sum(when(e.state.equals('on'), e.power))` sums a part of the events, `count(when(…, 1))` counts them.
 */
export function when<T extends boolean, E extends boolean, F extends NumberForm, G extends NumberForm>(
  condition: BooleanExpression,
  then: NumberExpression<T, F>,
  otherwise: NumberExpression<E, G>,
): NumberExpression<T | E, JointForm<F, G>>;
export function when<T extends boolean, F extends NumberForm>(
  condition: BooleanExpression,
  then: NumberExpression<T, F>,
  otherwise: number,
): NumberExpression<T, F>;
export function when<E extends boolean, G extends NumberForm>(
  condition: BooleanExpression,
  then: number,
  otherwise: NumberExpression<E, G>,
): NumberExpression<E, G>;
export function when(
  condition: BooleanExpression,
  then: number,
  otherwise: number,
): NumberExpression<false, 'int' | 'decimal'>;
export function when<F extends NumberForm>(
  condition: BooleanExpression,
  then: NumberExpression<boolean, F>,
): NumberExpression<true, F>;
export function when(condition: BooleanExpression, then: number): NumberExpression<true, 'int' | 'decimal'>;
export function when<K extends 'instant' | 'date', T extends boolean, E extends boolean>(
  condition: BooleanExpression,
  then: TimeExpression<K, T>,
  otherwise: TimeExpression<K, E>,
): TimeExpression<K, T | E>;
export function when<K extends 'instant' | 'date'>(
  condition: BooleanExpression,
  then: TimeExpression<K>,
): TimeExpression<K, true>;
export function when<T extends boolean = false, E extends boolean = false, V extends string = string>(
  condition: BooleanExpression,
  then: TextOperand<T, V>,
  otherwise: TextOperand<E, V>,
): TextExpression<T | E, V>;
export function when<V extends string>(
  condition: BooleanExpression,
  then: TextOperand<boolean, V>,
): TextExpression<true, V>;
export function when(
  condition: BooleanExpression,
  then: Operand,
  otherwise: Operand | null = null,
): NumberExpression | TextExpression | TimeExpression {
  const yes = drafted(then, otherwise);
  const no = otherwise === null ? nullBeside(yes) : drafted(otherwise, then);
  const draft = choice(condition.draft, yes, no);
  const { kind } = draft.expr.type;
  if (kind === 'instant' || kind === 'date') return new TimeExpression(kind, draft);
  return kind === 'text' ? new TextExpression(draft) : new NumberExpression(draft);
}

type Operand = number | string | NumberExpression | TextExpression | TimeExpression;

/** A literal takes the units of the other answer; where both are literals, each brings its own. */
function drafted(operand: Operand, other: Operand | null): ExpressionDraft {
  if (typeof operand === 'object') return operand.draft;
  if (typeof other === 'object' && other !== null) return literalBeside(operand, other.draft);
  if (typeof operand === 'string') return literalBeside(operand, constant('', { kind: 'text', nullable: false }));
  const type = { kind: 'number', ...naturalUnits(operand, wholeNumbers), min: 0, max: 0, nullable: false } as const;
  return literalBeside(operand, constant(0, type));
}
