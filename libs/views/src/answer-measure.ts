import {
  measureFactor,
  present,
  presentSum,
  type AnswerValue,
  type CountedValues,
  type PlainValue,
} from './answer-form.ts';
import { quantileOf } from './answer-quantile.ts';
import { nearestRatio } from './answer-ratio.ts';
import { sampleVariance, type Moments } from './answer-variance.ts';
import { BinsState } from './bins-state.ts';
import { plainStates } from './change-measures.ts';
import { ChunkError } from './chunk-error.ts';
import type { ComponentState } from './component-state.ts';
import { componentIndexes } from './components.ts';
import { CountByState } from './count-by-state.ts';
import { CountState } from './count-state.ts';
import { ExtremeState } from './extreme-state.ts';
import type { ExprType } from './expression.ts';
import { distinctCount } from './distinct-estimate.ts';
import { DistinctState } from './distinct-state.ts';
import { digit } from './int128.ts';
import { PlacedState } from './placed-state.ts';
import type { PlacedValue } from './placed-value.ts';
import { presentReducer, type MeasureFailure } from './answer-reducer.ts';
import { ReducerState } from './reducer-state.ts';
import { SumState } from './sum-state.ts';
import { TextExtremeState } from './text-extreme-state.ts';
import type { ValueCounts } from './value-counts.ts';
import type { Measure, View } from './view.ts';

/** A measure's finished values in the slots below `rows` of the states of its components. What is null because a reducer failed is told. */
export function presentMeasure(
  view: View,
  measure: Measure,
  states: readonly (ComponentState | undefined)[],
  rows: number,
  failed: (failure: MeasureFailure) => void = () => undefined,
): AnswerValue[] {
  const overChanges = view.stream.change !== undefined;
  const stored = componentIndexes(view.components, measure, overChanges).map((index) => states[index]);
  const [first, second, third] = overChanges ? plainStates(measure, stored, rows) : stored;
  if (measure.kind === 'count') {
    if (first instanceof CountState) return fill(rows, (row) => first.value(row));
  } else if (measure.kind === 'sum' || measure.kind === 'avg') {
    const { type } = measure.of;
    if (first instanceof SumState && second instanceof CountState) {
      return fill(rows, measure.kind === 'sum' ? sumOf(type, first, second) : meanOf(type, first, second));
    }
  } else if (measure.kind === 'min' || measure.kind === 'max') {
    const { type } = measure.of;
    if (first instanceof TextExtremeState) return fill(rows, (row) => first.text(row));
    if (first instanceof ExtremeState) {
      return fill(rows, (row) => (first.has(row) ? present(type, first.value(row)) : null));
    }
  } else if (measure.kind === 'distinct') {
    if (first instanceof DistinctState) return fill(rows, (row) => distinctCount(first.sketch(row)));
  } else if (measure.kind === 'quantile') {
    const { of, part } = measure;
    if (first instanceof BinsState) return fill(rows, (row) => quantileOf(of.type, part, first.sketch(row)));
  } else if (measure.kind === 'ratio') {
    const { of, by } = measure;
    if (first instanceof SumState && second instanceof CountState && third instanceof SumState)
      return fill(rows, ratioOf(of.type, by.type, first, second, third));
  } else if (measure.kind === 'first' || measure.kind === 'last') {
    const { type } = measure.of;
    if (first instanceof PlacedState) return fill(rows, (row) => placedOf(type, first.sketch(row)));
  } else if (measure.kind === 'histogram') {
    const bins = Array.from({ length: measure.edges.length + 1 }, (_, bin) => bin);
    if (first instanceof BinsState) return fill(rows, (row) => bins.map((bin) => first.sketch(row).countOf(bin)));
  } else if (measure.kind === 'countBy') {
    const { type } = measure.of;
    if (first instanceof CountByState) return fill(rows, (row) => countedOf(type, first.sketch(row)));
  } else if (measure.kind === 'reducer') {
    if (first instanceof ReducerState) return fill(rows, (row) => presentReducer(measure, first.sketch(row), failed));
  } else if (first instanceof CountState && second instanceof SumState && third instanceof SumState) {
    return fill(rows, varianceOf(measure.of.type, first, second, third, measure.kind === 'stddev'));
  }
  throw new ChunkError('MEASURE_NOT_STORED', `View '${view.name}' does not store what '${measure.name}' is made of.`, {
    facts: { view: view.name, measure: measure.name },
  });
}

/** As an array of doubles where all are numbers. */
function fill(rows: number, valueOf: (row: number) => AnswerValue): AnswerValue[] {
  const values: AnswerValue[] = [];
  for (let row = 0; row < rows; row++) values.push(valueOf(row));
  return values;
}

function placedOf(type: ExprType, { held, number, bytes }: PlacedValue): PlainValue {
  if (!held) return null;
  return bytes === null ? present(type, number) : textDecoder.decode(bytes);
}

function countedOf(type: ExprType, counts: ValueCounts): CountedValues {
  const ranked = counts.ranked();
  const valueOf = (text: string): PlainValue => (type.kind === 'text' ? text : present(type, Number(text)));
  return {
    total: counts.total,
    values: ranked?.map(([text, count]) => ({ value: valueOf(text), count })) ?? null,
  };
}

/** Whole sums of units, divided once; a quantum is a power of two and rounds nothing. */
function ratioOf(
  of: ExprType,
  by: ExprType,
  sum: SumState,
  count: CountState,
  divisor: SumState,
): (row: number) => number | null {
  const [above, below] = [measureFactor(of), measureFactor(by)];
  const factor = above.quantum / below.quantum;
  return (row) => {
    const den = divisor.value(row) * 10n ** BigInt(above.scale);
    if (count.value(row) === 0 || den === 0n) return null;
    return nearestRatio(sum.value(row) * 10n ** BigInt(below.scale), den) * factor + 0;
  };
}

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

function sumOf(type: ExprType, sum: SumState, count: CountState): (row: number) => AnswerValue {
  return (row) => {
    if (count.value(row) === 0) return null;
    const plain = plainOf(sum, row);
    return Number.isNaN(plain) ? presentSum(type, sum.value(row)) : present(type, plain);
  };
}

function meanOf(type: ExprType, sum: SumState, count: CountState): (row: number) => number | null {
  const { scale, quantum } = measureFactor(type);
  const tens = 10 ** scale;
  return (row) => {
    const n = count.value(row);
    if (n === 0) return null;
    const plain = plainOf(sum, row);
    // Both exact: one division is one rounding. A quantum is a power of two and rounds nothing. The speed layer alone may
    // have taken away more rows than it has seen: nothing over less than nothing is 0, and not -0.
    if (plain === plain && Math.abs(n) * tens <= 2 ** 53) return (plain / (n * tens)) * quantum + 0;
    return nearestRatio(sum.value(row), BigInt(n) * 10n ** BigInt(scale)) * quantum + 0;
  };
}

function varianceOf(
  type: ExprType,
  count: CountState,
  sum: SumState,
  squares: SumState,
  root: boolean,
): (row: number) => number | null {
  const { scale, quantum } = measureFactor(type);
  const factor = root ? quantum : quantum * quantum;
  let at = 0;
  const moments: Moments = {
    count: 0,
    sum: 0,
    squaresHigh: 0,
    squaresLow: 0,
    exact: () => [sum.value(at), squares.value(at)],
  };
  return (row) => {
    at = row;
    moments.count = count.value(row);
    moments.sum = plainOf(sum, row);
    // Doubles of 53 bits each: what the high one can not hold is the low one.
    const [mid, low] = [squares.mid(row) * digit, squares.low(row)];
    moments.squaresHigh = squares.top(row) === 0 ? mid + low : NaN;
    moments.squaresLow = low - (mid + low - mid);
    const variance = sampleVariance(moments, scale, root);
    return variance === null ? null : variance * factor;
  };
}

/** The sum when it is at most 2^53 in size, else NaN. Digits of different signs can hide a small sum behind large digits. */
function plainOf(sum: SumState, row: number): number {
  if (!sum.wide) return sum.low(row);
  const mid = sum.mid(row);
  if (sum.top(row) === 0 && mid >= -1 && mid <= 1) return mid * digit + sum.low(row);
  const exact = sum.value(row);
  return exact >= -limit && exact <= limit ? Number(exact) : NaN;
}

const limit = 2n ** 53n;
