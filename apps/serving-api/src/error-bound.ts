import { distinctError, exactLimit, type Measure } from '@twofold/views';

/** What a measure says of its error; null: it is exact, or rounded once. */
export function errorBound(measure: Measure): string | null {
  if (measure.kind !== 'distinct') return null;
  const limit = exactLimit(measure.precision);
  return `Exact up to ${limit}, above that an estimate with a standard error of ${percent(distinctError(measure.precision))}.`;
}

function percent(part: number): string {
  return `${Number((part * 100).toPrecision(2))} %`;
}
