import { BooleanExpression, NumberExpression, TextExpression, TimeExpression } from './expression-builders.ts';
import { constant, literalBeside, nullBeside, type ExpressionDraft } from './expression-draft.ts';
import { choice } from './expression-operators.ts';
import { literalUnits, naturalUnits, wholeNumbers } from './expression-units.ts';

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
  const yes = typeof then === 'object' ? then.draft : alone(then, otherwise);
  const no =
    otherwise === null
      ? nullBeside(yes)
      : typeof otherwise === 'object'
        ? otherwise.draft
        : literalBeside(otherwise, yes);
  const draft = choice(condition.draft, yes, no);
  const { kind } = draft.expr.type;
  if (kind === 'instant' || kind === 'date') return new TimeExpression(kind, draft);
  return kind === 'text' ? new TextExpression(draft) : new NumberExpression(draft);
}

type Operand = number | string | NumberExpression | TextExpression | TimeExpression;

/** A literal in the first place: it takes the units of what stands in the second, else its own. */
function alone(value: number | string, otherwise: Operand | null): ExpressionDraft {
  if (typeof otherwise === 'object' && otherwise !== null) return literalBeside(value, otherwise.draft);
  if (typeof value === 'string') return literalBeside(value, constant('', { kind: 'text', nullable: false }));
  const both = typeof otherwise === 'number' && !Number.isInteger(otherwise) ? otherwise : value;
  const units = naturalUnits(both, wholeNumbers);
  const whole = literalUnits(value, units);
  const count = typeof whole === 'number' ? whole : 0;
  const type = { kind: 'number', ...units, min: count, max: count, nullable: false } as const;
  return typeof whole === 'number' ? constant(count, type) : literalBeside(value, constant(0, type));
}
