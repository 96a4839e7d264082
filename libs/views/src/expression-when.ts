import { BooleanExpression, NumberExpression, TextExpression, TimeExpression } from './expression-builders.ts';
import { constant, literalBeside, nullBeside, type ExpressionDraft } from './expression-draft.ts';
import { choice } from './expression-operators.ts';
import { naturalUnits, wholeNumbers } from './expression-units.ts';

type NumberOperand<N extends boolean> = number | NumberExpression<N>;
type TextOperand<N extends boolean, V extends string> = V | TextExpression<N, V>;

/**
 * `then` where the condition is true, `otherwise` where it is false or null; without an `otherwise` it is null there.
 * `sum(when(e.state.equals('on'), e.power))` sums a part of the events, `count(when(…, 1))` counts them.
 */
export function when<T extends boolean = false, E extends boolean = false>(
  condition: BooleanExpression,
  then: NumberOperand<T>,
  otherwise: NumberOperand<E>,
): NumberExpression<T | E>;
export function when(condition: BooleanExpression, then: NumberOperand<boolean>): NumberExpression<true>;
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
