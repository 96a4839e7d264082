import {
  compareCodePoints,
  decodeKey,
  type AnswerValue,
  type KeyValue,
  type PlainValue,
  type View,
  type WindowAnswer,
} from '@twofold/views';

/** `WINDOW` is the window's end; any other name is a dimension, a measure or a derived value of the view. */
export interface RowOrder {
  readonly by: string;
  readonly descending: boolean;
}

/** What rows are ordered by when it is their time. No member of a view is called so: they begin with a small letter. */
export const BY_WINDOW = 'WINDOW';

/** Row numbers in the asked order; ties by (window, key). Rows without a value come last, whatever the direction. */
export function orderRows(view: View, rows: WindowAnswer, orders: readonly RowOrder[]): Int32Array {
  const compares = orders.map((order) => comparison(view, rows, order));
  const { windowEnds } = rows;
  return Int32Array.from({ length: rows.rows }, (_, row) => row).sort((a, b) => {
    for (const compare of compares) {
      const difference = compare(a, b);
      if (difference !== 0) return difference;
    }
    // Rows stand by key, so a smaller row number of one window is a smaller key.
    return (windowEnds[a] ?? 0) - (windowEnds[b] ?? 0) || a - b;
  });
}

function comparison(view: View, rows: WindowAnswer, { by, descending }: RowOrder): (a: number, b: number) => number {
  const sign = descending ? -1 : 1;
  const { windowEnds, keyOfRow } = rows;
  if (by === BY_WINDOW) return (a, b) => sign * ((windowEnds[a] ?? 0) - (windowEnds[b] ?? 0));
  const dimension = view.dimensions.findIndex(({ name }) => name === by);
  if (dimension >= 0) {
    const ranks = rankOf(rows.keys.map((key) => decodeKey(view, key)[dimension] ?? null));
    return (a, b) => inOrder(ranks[keyOfRow[a] ?? 0] ?? -1, ranks[keyOfRow[b] ?? 0] ?? -1, sign);
  }
  const ranks = rankOf((rows.measures[by] ?? rows.derived[by] ?? []).map(plain));
  return (a, b) => inOrder(ranks[a] ?? -1, ranks[b] ?? -1, sign);
}

/** -1 is no value. */
function inOrder(a: number, b: number, sign: number): number {
  if (a < 0 || b < 0) return b < 0 ? (a < 0 ? 0 : -1) : 1;
  return sign * (a - b);
}

/** Rows are not ordered by lists of counts. */
function plain(value: AnswerValue): PlainValue {
  return typeof value === 'object' ? null : value;
}

/** The rank of each value among all, equal values alike; -1: null. */
function rankOf(values: readonly (PlainValue | KeyValue)[]): Int32Array {
  const distinct = [...new Set(values)].filter((value) => value !== null).sort(compareValues);
  const ranks = new Map<PlainValue | KeyValue, number>();
  distinct.forEach((value, i) => {
    const before = distinct[i - 1];
    const same = before !== undefined && compareValues(before, value) === 0;
    ranks.set(value, same ? (ranks.get(before) ?? i) : i);
  });
  return Int32Array.from(values, (value) => (value === null ? -1 : (ranks.get(value) ?? -1)));
}

/** Numbers of any size by value, decimals (their texts have one scale) by value, other texts by code point. */
function compareValues(a: PlainValue | KeyValue, b: PlainValue | KeyValue): number {
  if (typeof a === 'string' && typeof b === 'string') {
    if (DECIMAL.test(a) && DECIMAL.test(b)) return compareDecimals(a, b);
    return compareCodePoints(a, b);
  }
  const left = typeof a === 'boolean' ? Number(a) : a;
  const right = typeof b === 'boolean' ? Number(b) : b;
  if (left === null || right === null) return 0;
  return left < right ? -1 : left > right ? 1 : 0;
}

const DECIMAL = /^-?\d+\.\d+$/;

function compareDecimals(a: string, b: string): number {
  const left = BigInt(a.replace('.', ''));
  const right = BigInt(b.replace('.', ''));
  return left < right ? -1 : left > right ? 1 : 0;
}
