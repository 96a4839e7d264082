import type { ExprType, Measure } from '@twofold/views';
import { binnedCounts, quantileParts } from './bins.ts';
import { countsOf } from './counted.ts';
import { distinctNumber } from './distinct.ts';
import { floorDivide } from './exact-number.ts';
import { nearestRatio, nearestRoot } from './nearest-double.ts';
import type { Value } from './read-event.ts';
import { FailedReducer, outermost, reduced, texts, type Tally } from './tally.ts';

/** A finished value that is one, in the form that answers have. */
export type PlainPresented = number | bigint | string | boolean | null;

/** A finished value; lists and objects are those of histograms and of counted values. */
export type Presented =
  | PlainPresented
  | readonly number[]
  | {
      readonly total: number;
      readonly values: readonly { readonly value: PlainPresented; readonly count: number }[] | null;
    };

/** A measure's finished value. Rounded, where it must be, once and from exact integers. */
export function presentMeasure(measure: Measure, tally: Tally): Presented {
  if (measure.kind === 'count') return measure.of === null ? tally.rows : tally.count;
  if (measure.kind === 'distinct') return distinctNumber(tally.values, measure.precision);
  if (measure.kind === 'reducer') {
    const state = reduced(measure.reducer, tally);
    if (state instanceof FailedReducer) return null;
    const value = measure.reducer.present(state);
    return typeof value === 'number' && !Number.isFinite(value) ? null : value;
  }
  if (measure.kind === 'histogram') return binnedCounts(tally.numbers, measure.edges);
  const { type } = measure.of;
  if (measure.kind === 'countBy') return presentCounts(type, texts(tally), measure.atMost);
  if (tally.count === 0) return null;
  const count = BigInt(tally.count);
  const units = type.kind === 'number' ? 10n ** BigInt(type.scale) : 1n;
  const quantum = type.kind === 'number' ? (type.quantum ?? 1) : 1;
  switch (measure.kind) {
    case 'sum':
      return presentValue(type, tally.sum);
    case 'avg':
      return nearestRatio(tally.sum, count * units) * quantum;
    case 'min':
      return presentValue(type, tally.min);
    case 'max':
      return presentValue(type, tally.max);
    case 'first':
    case 'last':
      return presentValue(type, outermost(tally, measure.kind)?.value ?? null);
    case 'ratio': {
      if (tally.divisor === 0n) return null;
      const by = measure.by.type.kind === 'number' ? measure.by.type : { scale: 0, quantum: null };
      const parts = nearestRatio(tally.sum * 10n ** BigInt(by.scale), tally.divisor * units);
      return (parts * quantum) / (by.quantum ?? 1) + 0;
    }
    case 'quantile': {
      const { num, den } = quantileParts(tally.numbers, measure.part, measure.bits);
      return nearestRatio(num, den * units) * quantum;
    }
    case 'variance':
    case 'stddev': {
      if (tally.count < 2) return null;
      const num = count * tally.squares - tally.sum * tally.sum;
      // Changes alone, without what they take back, may have it so.
      if (num < 0n) return null;
      const den = count * (count - 1n) * units * units;
      return measure.kind === 'variance' ? nearestRatio(num, den) * quantum * quantum : nearestRoot(num, den) * quantum;
    }
  }
}

/** Most events first, then by code point. */
function presentCounts(type: ExprType, values: readonly string[], atMost: number): Presented {
  const counted = countsOf(values, atMost)?.toSorted(([, a], [, b]) => b - a) ?? null;
  const shown = counted?.map(([value, count]) => ({
    value: presentValue(type, type.kind === 'text' ? value : BigInt(value)),
    count,
  }));
  return { total: values.length, values: shown ?? null };
}

/** Units as people know them: a decimal as text with all its digits, a float as a double, times as RFC 3339 in UTC. */
export function presentValue(type: ExprType, value: Value): PlainPresented {
  if (value === null || typeof value === 'string') return value;
  switch (type.kind) {
    case 'number':
      if (type.quantum !== null) return Number(value) * type.quantum;
      if (type.scale > 0) return decimalText(value, type.scale);
      return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
    case 'instant':
      return instantText(value, { s: 0, ms: 3, us: 6 }[type.unit]);
    case 'date':
      return instantText(value * 86_400n, 0).slice(0, 10);
    case 'boolean':
      return value === 1n;
    case 'text':
      throw new TypeError('a text is no number');
  }
}

function decimalText(value: bigint, scale: number): string {
  const [size, one] = [value < 0n ? -value : value, 10n ** BigInt(scale)];
  return `${value < 0n ? '-' : ''}${size / one}.${(size % one).toString().padStart(scale, '0')}`;
}

function instantText(value: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  const seconds = floorDivide(value, perSecond);
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = (value - seconds * perSecond).toString().padStart(digits, '0');
  return `${whole}${digits === 0 ? '' : `.${fraction}`}Z`;
}
