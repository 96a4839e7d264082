import type { ExprType, Measure } from '@twofold/views';
import { quantileParts } from './bins.ts';
import { distinctNumber } from './distinct.ts';
import { floorDivide } from './exact-number.ts';
import { nearestRatio, nearestRoot } from './nearest-double.ts';
import type { Value } from './read-event.ts';
import type { Tally } from './tally.ts';

/** A finished value, in the form that answers have. */
export type Presented = number | bigint | string | boolean | null;

/** A measure's finished value. Rounded, where it must be, once and from exact integers. */
export function presentMeasure(measure: Measure, tally: Tally): Presented {
  if (measure.kind === 'count') return measure.of === null ? tally.rows : tally.count;
  if (measure.kind === 'distinct') return distinctNumber(tally.values, measure.precision);
  const { type } = measure.of;
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

/** Units as people know them: a decimal as text with all its digits, a float as a double, times as RFC 3339 in UTC. */
export function presentValue(type: ExprType, value: Value): Presented {
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
