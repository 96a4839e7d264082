import { changeFields } from '@twofold/schemas';
import type { ComponentState, SlotRanges } from './component-state.ts';
import { CountState, ownPlace } from './count-state.ts';
import type { Expr, ExprType } from './expression.ts';
import { SumState } from './sum-state.ts';
import type { Component, Measure } from './view.ts';

/**
 * Measures over a change stream (E27). Its events are −old and +new, told by their sign, and a partial is made of signed
 * sums: so a partial may be below zero where only the −old of a row is in it, and every engine folds them by the
 * components it has. `rows` goes on counting events, which tells a partial from none.
 */

const signType = { kind: 'number', scale: 0, quantum: null, min: -1, max: 1, nullable: false } as const;
const sign: Expr = { op: 'field', field: changeFields.sign, type: signType };

/** The sum of the signs: how many rows hold. A window that none is left in is no row of an answer. */
export const heldRows: Component = { kind: 'sum', of: sign };

/** Why a measure can not be had over a change stream; null: it can. */
export function refusalOverChanges({ kind }: Pick<Measure, 'kind'>): string | null {
  switch (kind) {
    case 'count':
    case 'sum':
    case 'avg':
    case 'variance':
    case 'stddev':
    case 'ratio':
      return null;
    case 'min':
    case 'max':
    case 'first':
    case 'last':
      return `${kind} can not take back a value: when the row that has it is restated, nothing tells which value is the next.`;
    case 'distinct':
      return 'distinct can not take back a value: a set does not tell whether another row has it too.';
    default:
      return `${kind} is not folded over changes.`;
  }
}

/** In place of `componentsOfMeasure`: what `plainStates` makes the measure's own components of. */
export function changeComponents(measure: Measure): readonly Component[] {
  if (measure.kind === 'count') return [{ kind: 'sum', of: signWhere(measure.of) }];
  // A reducer is refused over changes.
  if (measure.kind === 'reducer') return [];
  const { of } = measure;
  const sums: Component[] = [
    { kind: 'sum', of: signed(of) },
    { kind: 'sum', of: signWhere(of) },
  ];
  if (measure.kind === 'ratio') return [...sums, { kind: 'sum', of: signed(measure.by) }];
  if (measure.kind !== 'variance' && measure.kind !== 'stddev') return sums;
  // A signed square may be beyond every column; squares of either sign are sums of their own.
  return [...sums, { kind: 'sumSquares', of: only(1, of) }, { kind: 'sumSquares', of: only(-1, of) }];
}

/** States as `componentsOfMeasure` orders them, from those of `changeComponents`, in the slots below `rows`. */
export function plainStates(
  measure: Measure,
  states: readonly (ComponentState | undefined)[],
  rows: number,
): (ComponentState | undefined)[] {
  const [first, second, plus, minus] = states;
  if (measure.kind === 'count') return [countsOf(first, rows)];
  if (measure.kind === 'ratio') return [first, countsOf(second, rows), plus];
  if (measure.kind !== 'variance' && measure.kind !== 'stddev') return [first, countsOf(second, rows)];
  const squares = plus instanceof SumState && minus instanceof SumState ? plus.less(minus, rows) : undefined;
  return [countsOf(second, rows), first, squares];
}

type WindowedRanges = SlotRanges & {
  readonly keys: Int32Array;
  readonly windowStarts: Float64Array;
  readonly windowEnds: Float64Array;
};

/** The windows in which a row holds. */
export function heldRanges<R extends WindowedRanges>(ranges: R, held: ComponentState | undefined): R {
  const sums = held?.slide(ranges);
  if (!(sums instanceof SumState)) return ranges;
  const kept = Int32Array.from({ length: ranges.rows }, (_, row) => row).filter((row) => sums.value(row) !== 0n);
  const at = (from: Int32Array): Int32Array => kept.map((row) => from[row] ?? 0);
  const timesAt = (from: Float64Array): Float64Array => Float64Array.from(kept, (row) => from[row] ?? 0);
  return {
    ...ranges,
    rows: kept.length,
    starts: at(ranges.starts),
    ends: at(ranges.ends),
    keys: at(ranges.keys),
    windowStarts: timesAt(ranges.windowStarts),
    windowEnds: timesAt(ranges.windowEnds),
  };
}

function countsOf(state: ComponentState | undefined, rows: number): CountState | undefined {
  if (!(state instanceof SumState)) return undefined;
  const counts = new CountState(false);
  counts.bind(ownPlace(Float64Array.from({ length: rows }, (_, row) => Number(state.value(row)))));
  return counts;
}

/** The sign where the expression has a value, else 0. */
function signWhere(of: Expr | null): Expr {
  if (of === null || !of.type.nullable) return sign;
  const none: Expr = { op: 'literal', value: 0, type: { ...signType, min: 0, max: 0 } };
  const isNull: Expr = { op: 'isNull', of, type: { kind: 'boolean', nullable: false } };
  return { op: 'if', condition: isNull, then: none, else: sign, type: signType };
}

function signed(of: Expr): Expr {
  const { type } = of;
  if (type.kind !== 'number') return of;
  const turned = { ...type, min: 0 - type.max, max: 0 - type.min };
  const both = { ...type, min: Math.min(type.min, turned.min), max: Math.max(type.max, turned.max) };
  return { op: 'if', condition: signIs(1), then: of, else: { op: 'negate', of, type: turned }, type: both };
}

/** The expression for events of one sign, null for the others. */
function only(which: 1 | -1, of: Expr): Expr {
  const type: ExprType = { ...of.type, nullable: true };
  return { op: 'if', condition: signIs(which), then: of, else: { op: 'literal', value: null, type }, type };
}

function signIs(which: 1 | -1): Expr {
  const literal: Expr = { op: 'literal', value: which, type: { ...signType, min: which, max: which } };
  return { op: 'eq', left: sign, right: literal, type: { kind: 'boolean', nullable: false } };
}
