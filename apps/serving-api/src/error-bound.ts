import { binError, distinctError, exactLimit, type Measure } from '@twofold/views';

/** What a measure says of its error; null: it is exact, or rounded once. */
export function errorBound(measure: Measure): string | null {
  switch (measure.kind) {
    case 'distinct': {
      const error = percent(distinctError(measure.precision));
      return `Exact up to ${exactLimit(measure.precision)}, above that an estimate with a standard error of ${error}.`;
    }
    case 'quantile':
      return `Off by at most ${percent(binError(measure.bits))} of itself; exact below ${2 ** (measure.bits + 1)} units.`;
    default:
      return null;
  }
}

/** With two digits, or more where the part has them. */
export function percent(part: number): string {
  return `${Number((part * 100).toPrecision(2))} %`;
}
