import type { Expr, ExprType } from './expression.ts';
import {
  constant,
  faultsOf,
  largestInteger,
  literalBeside,
  withFault,
  type ExpressionDraft,
  type Literal,
  type NumberType,
} from './expression-draft.ts';
import {
  absoluteRange,
  hull,
  negatedRange,
  rangeOfArithmetic,
  type ArithmeticOp,
  type Range,
} from './expression-ranges.ts';
import { expressionText } from './expression-text.ts';
import {
  commonUnits,
  literalUnits,
  naturalUnits,
  productUnits,
  unitsText,
  wholeNumbers,
  type Units,
} from './expression-units.ts';

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

interface Pair {
  readonly left: ExpressionDraft;
  readonly right: ExpressionDraft;
  readonly units: Units;
  readonly faults: ExpressionDraft['faults'];
}

/** Brings two operands to one type: numbers by whole factors, anything else has to be alike. */
function aligned(left: ExpressionDraft, right: ExpressionDraft): Pair {
  const [a, b] = [left.expr.type, right.expr.type];
  if (a.kind !== 'number' || b.kind !== 'number') {
    const alike = a.kind === b.kind && (a.kind !== 'instant' || b.kind !== 'instant' || a.unit === b.unit);
    const checked = alike ? left : differ(left, right, 'are of different kinds');
    return { left, right, units: wholeNumbers, faults: faultsOf(checked, right) };
  }
  const common = commonUnits(a, b);
  if (common === null) {
    const checked = differ(left, right, 'have no common unit: one counts powers of ten, the other powers of two');
    return { left, right, units: a, faults: faultsOf(checked, right) };
  }
  const pair = { left: rescaled(left, common.left, common.units), right: rescaled(right, common.right, common.units) };
  return { ...pair, units: common.units, faults: faultsOf(pair.left, pair.right) };
}

function multiplied(left: ExpressionDraft, right: ExpressionDraft): Pair {
  const units = productUnits(numberType(left), numberType(right));
  const checked =
    units === null
      ? differ(left, right, 'can not be multiplied exactly: one counts powers of ten, the other powers of two')
      : left;
  return { left, right, units: units ?? wholeNumbers, faults: faultsOf(checked, right) };
}

function differ(left: ExpressionDraft, right: ExpressionDraft, how: string): ExpressionDraft {
  return withFault(left, 'UNITS_DIFFER', `'${expressionText(left.expr)}' and '${expressionText(right.expr)}' ${how}.`);
}

function rescaled(draft: ExpressionDraft, times: bigint, units: Units): ExpressionDraft {
  if (times === 1n) return draft;
  const type = numberType(draft);
  const by = constant(Number(times), { ...numberOf(wholeNumbers, { min: times, max: times }), nullable: false });
  const range = rangeOfArithmetic('multiply', rangeOf(type), { min: times, max: times });
  const { expr } = draft;
  // A literal is written in the new units at once.
  if (expr.op === 'literal' && typeof expr.value === 'number' && Math.abs(expr.value * Number(times)) <= largestInteger)
    return constant(expr.value * Number(times), numberOf(units, range));
  return bounded((t) => ({ op: 'multiply', left: expr, right: by.expr, type: t }), units, range, type.nullable, draft);
}

function factor(value: number, beside: NumberType): ExpressionDraft {
  const units = naturalUnits(value, beside);
  const whole = literalUnits(value, units);
  if (typeof whole === 'number') return constant(whole, numberOf(units, { min: BigInt(whole), max: BigInt(whole) }));
  return withFault(
    constant(0, numberOf(units, { min: 0n, max: 0n })),
    'LITERAL_INEXACT',
    `The factor ${value} ${whole.reason}.`,
  );
}

/** A number in a range, which has to stay where doubles and 64-bit integers are both exact. */
function bounded(
  build: (type: ExprType) => Expr,
  units: Units,
  range: Range,
  nullable: boolean,
  from: { readonly unit: string | null; readonly faults: ExpressionDraft['faults'] },
): ExpressionDraft {
  const expr = build({ ...numberOf(units, range), nullable });
  const draft: ExpressionDraft = { expr, unit: from.unit, values: null, faults: from.faults };
  const limit = BigInt(largestInteger);
  if (range.min >= -limit && range.max <= limit) return draft;
  const reach = `${unitsText(range.min, units)} to ${unitsText(range.max, units)}`;
  return withFault(
    draft,
    'RANGE_TOO_WIDE',
    `'${expressionText(expr)}' can reach from ${reach}, which is beyond 2^53 units. Bound its fields with .between(min, max), or use fewer digits.`,
  );
}

function condition(expr: Expr, faults: ExpressionDraft['faults']): ExpressionDraft {
  return { expr, unit: null, values: null, faults };
}

function numberOf(units: Units, range: Range): NumberType {
  const clamp = (value: bigint): number => Math.max(-largestInteger, Math.min(largestInteger, Number(value)));
  return {
    kind: 'number',
    scale: units.scale,
    quantum: units.quantum,
    min: clamp(range.min),
    max: clamp(range.max),
    nullable: false,
  };
}

function rangeOf(type: NumberType): Range {
  return hull([BigInt(type.min), BigInt(type.max)]);
}

/** Callers without types may bring something else; it then counts as a whole number, beside the fault it makes. */
function numberType(draft: ExpressionDraft): NumberType {
  const { type } = draft.expr;
  return type.kind === 'number' ? type : numberOf(wholeNumbers, { min: 0n, max: 0n });
}
