import type { Expr, ExprType } from './expression.ts';
import {
  constant,
  faultsOf,
  largestInteger,
  withFault,
  type ExpressionDraft,
  type NumberType,
} from './expression-draft.ts';
import { hull, rangeOfArithmetic, type Range } from './expression-ranges.ts';
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

/** Two operands of one type. */
export interface Pair {
  readonly left: ExpressionDraft;
  readonly right: ExpressionDraft;
  readonly units: Units;
  readonly faults: ExpressionDraft['faults'];
}

/** Brings two operands to one type: numbers by whole factors, anything else has to be alike. */
export function aligned(left: ExpressionDraft, right: ExpressionDraft): Pair {
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

export function multiplied(left: ExpressionDraft, right: ExpressionDraft): Pair {
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

export function factor(value: number, beside: NumberType): ExpressionDraft {
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
export function bounded(
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

export function rangeOf(type: NumberType): Range {
  return hull([BigInt(type.min), BigInt(type.max)]);
}

/** Callers without types may bring something else; it then counts as a whole number, beside the fault it makes. */
export function numberType(draft: ExpressionDraft): NumberType {
  const { type } = draft.expr;
  return type.kind === 'number' ? type : numberOf(wholeNumbers, { min: 0n, max: 0n });
}
