import { aligned, bounded, factor, multiplied, numberType, rangeOf } from './expression-alignment.ts';
import type { Expr, ExprType } from './expression.ts';
import { faultsOf, literalBeside, withFault, type ExpressionDraft, type Literal } from './expression-draft.ts';
import { absoluteRange, negatedRange, rangeOfArithmetic, type ArithmeticOp } from './expression-ranges.ts';
import { expressionText } from './expression-text.ts';
import { wholeNumbers } from './expression-units.ts';

export type CompareOp = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte';

/** Arithmetic on integers in units. A literal takes the units it stands beside; a factor brings its own. */
export function arithmetic(op: ArithmeticOp, left: ExpressionDraft, other: ExpressionDraft | number): ExpressionDraft {
  const isLiteral = typeof other === 'number';
  const right = !isLiteral ? other : op === 'multiply' ? factor(other, numberType(left)) : literalBeside(other, left);
  const pair = op === 'multiply' ? multiplied(left, right) : aligned(left, right);
  const [a, b] = [numberType(pair.left), numberType(pair.right)];
  const divides = op === 'divide' || op === 'remainder' || op === 'modulo';
  const range = rangeOfArithmetic(op, rangeOf(a), rangeOf(b));
  const nullable = a.nullable || b.nullable || (divides && b.min <= 0 && b.max >= 0);
  const units = op === 'divide' ? wholeNumbers : pair.units;
  const unit = left.unit === right.unit || isLiteral ? left.unit : null;
  const draft = bounded(
    (type) => ({ op, left: pair.left.expr, right: pair.right.expr, type }),
    units,
    range,
    nullable,
    { unit: op === 'divide' || (op === 'multiply' && !isLiteral) ? null : unit, faults: pair.faults },
  );
  return divides && b.min === 0 && b.max === 0
    ? withFault(draft, 'LITERAL_INVALID', `'${expressionText(left.expr)}' is divided by 0, which is always null.`)
    : draft;
}

export function negated(of: ExpressionDraft): ExpressionDraft {
  const type = numberType(of);
  return bounded((t) => ({ op: 'negate', of: of.expr, type: t }), type, negatedRange(rangeOf(type)), type.nullable, of);
}

export function absolute(of: ExpressionDraft): ExpressionDraft {
  const type = numberType(of);
  return bounded((t) => ({ op: 'abs', of: of.expr, type: t }), type, absoluteRange(rangeOf(type)), type.nullable, of);
}

/** Either end of several numbers, brought to units that they have in common. */
export function extreme(op: 'greatest' | 'least', of: readonly ExpressionDraft[]): ExpressionDraft {
  const [first, ...others] = of;
  if (first === undefined) throw new TypeError('there is nothing to choose from');
  return others.reduce((best, next) => {
    const nullable = best.expr.type.nullable && next.expr.type.nullable;
    return united(best, next, nullable, (a, b, type) => ({ op, args: [a, b], type }));
  }, first);
}

export function signOf(of: ExpressionDraft): ExpressionDraft {
  const build = (type: ExprType): Expr => ({ op: 'sign', of: of.expr, type });
  const { nullable, faults } = { nullable: of.expr.type.nullable, faults: of.faults };
  return bounded(build, wholeNumbers, { min: -1n, max: 1n }, nullable, { unit: null, faults });
}

export function comparison(op: CompareOp, left: ExpressionDraft, other: ExpressionDraft | Literal): ExpressionDraft {
  const pair = aligned(left, typeof other === 'object' ? other : literalBeside(other, left));
  const nullable = pair.left.expr.type.nullable || pair.right.expr.type.nullable;
  return condition(
    { op, left: pair.left.expr, right: pair.right.expr, type: { kind: 'boolean', nullable } },
    pair.faults,
  );
}

export function nullTest(of: ExpressionDraft): ExpressionDraft {
  return condition({ op: 'isNull', of: of.expr, type: { kind: 'boolean', nullable: false } }, of.faults);
}

export function negation(of: ExpressionDraft): ExpressionDraft {
  return condition({ op: 'not', of: of.expr, type: of.expr.type }, of.faults);
}

export function junction(op: 'and' | 'or', args: readonly ExpressionDraft[]): ExpressionDraft {
  const nullable = args.some((arg) => arg.expr.type.nullable);
  return condition({ op, args: args.map((arg) => arg.expr), type: { kind: 'boolean', nullable } }, faultsOf(...args));
}

export function membership(of: ExpressionDraft, values: readonly (number | string)[]): ExpressionDraft {
  const literals = values.map((value) => literalBeside(value, of));
  const units = literals.flatMap(({ expr }) =>
    expr.op === 'literal' && typeof expr.value !== 'boolean' && expr.value !== null ? [expr.value] : [],
  );
  const draft = condition(
    {
      op: 'oneOf',
      of: of.expr,
      values: [...new Set(units)],
      type: { kind: 'boolean', nullable: of.expr.type.nullable },
    },
    faultsOf(of, ...literals),
  );
  return values.length > 0
    ? draft
    : withFault(
        draft,
        'LITERAL_INVALID',
        `'${expressionText(of.expr)}' is compared with an empty list. Name at least one value.`,
      );
}

export function textTest(
  op: 'startsWith' | 'endsWith' | 'contains',
  of: ExpressionDraft,
  text: string,
): ExpressionDraft {
  const literal = literalBeside(text, { ...of, values: null });
  const type: ExprType = { kind: 'boolean', nullable: of.expr.type.nullable };
  const draft = condition({ op, of: of.expr, text, type }, faultsOf(of, literal));
  return text !== ''
    ? draft
    : withFault(
        draft,
        'LITERAL_INVALID',
        `${op} of '${expressionText(of.expr)}' has an empty text, which is in every text.`,
      );
}

/** The first that is not null. */
export function coalesced(first: ExpressionDraft, second: ExpressionDraft): ExpressionDraft {
  const nullable = first.expr.type.nullable && second.expr.type.nullable;
  return united(first, second, nullable, (a, b, type) => ({ op: 'coalesce', args: [a, b], type }));
}

/** `then` where the condition is true, `otherwise` where it is false or null. */
export function choice(test: ExpressionDraft, then: ExpressionDraft, otherwise: ExpressionDraft): ExpressionDraft {
  const nullable = then.expr.type.nullable || otherwise.expr.type.nullable;
  const draft = united(then, otherwise, nullable, (a, b, type) => ({
    op: 'if',
    condition: test.expr,
    then: a,
    else: b,
    type,
  }));
  return { ...draft, faults: [...test.faults, ...draft.faults] };
}

/** Either of two values: units are brought together, ranges and enumerations united. */
function united(
  first: ExpressionDraft,
  second: ExpressionDraft,
  nullable: boolean,
  build: (a: Expr, b: Expr, type: ExprType) => Expr,
): ExpressionDraft {
  const { left, right, faults } = aligned(first, second);
  const [a, b] = [left.expr.type, right.expr.type];
  const ranged = 'min' in a && 'min' in b ? { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) } : {};
  const values = left.values === null || right.values === null ? null : [...new Set([...left.values, ...right.values])];
  const unit =
    first.unit === second.unit || second.expr.op === 'literal'
      ? first.unit
      : first.expr.op === 'literal'
        ? second.unit
        : null;
  return { expr: build(left.expr, right.expr, { ...a, ...ranged, nullable }), unit, values, faults };
}

function condition(expr: Expr, faults: ExpressionDraft['faults']): ExpressionDraft {
  return { expr, unit: null, values: null, faults };
}
