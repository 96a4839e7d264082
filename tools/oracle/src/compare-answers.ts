import type { OracleRow } from './oracle-answer.ts';
import type { Presented } from './present-value.ts';

/** A row as it was served. Measures and derived values may stand together in `values`. */
export type ServedRow = Pick<OracleRow, 'dimensions' | 'windowStart' | 'windowEnd' | 'values'> &
  Partial<Pick<OracleRow, 'derived'>>;

/**
 * The first difference between what the oracle says and what was served, in words; null: they are the same. Each row
 * has to be there, once, with every value the same to the last bit. The order of rows is not compared.
 *
 * @param only names of the measures and derived values that were asked for; all, unless told
 */
export function compareAnswers(
  oracleRows: readonly OracleRow[],
  servedRows: readonly ServedRow[],
  only: readonly string[] | null = null,
): string | null {
  const served = new Map<string, ServedRow>();
  for (const row of servedRows) {
    if (served.has(nameOf(row))) return `${nameOf(row)}: served twice`;
    served.set(nameOf(row), row);
  }
  for (const row of oracleRows) {
    const name = nameOf(row);
    const found = served.get(name);
    if (found === undefined) return `${name}: not served; it should have ${shown({ ...row.values })}`;
    served.delete(name);
    if (found.windowStart !== row.windowStart)
      return `${name}: windowStart is ${iso(found.windowStart)}, and should be ${iso(row.windowStart)}`;
    const values = { ...found.values, ...found.derived };
    for (const [column, wanted] of Object.entries({ ...row.values, ...row.derived })) {
      if (only !== null && !only.includes(column)) continue;
      const value = values[column];
      if (value === undefined) return `${name}: ${column} is not there, and should be ${shown(wanted)}`;
      if (!same(value, wanted)) return `${name}: ${column} is ${shown(value)}, and should be ${shown(wanted)}`;
    }
  }
  const [extra] = served.values();
  return extra === undefined ? null : `${nameOf(extra)}: served, and no event lies in it`;
}

function nameOf(row: ServedRow): string {
  const names = Object.keys(row.dimensions).sort();
  const key = names.map((name) => `${name}=${shown(row.dimensions[name] ?? null)}`).join(' ');
  return `${key === '' ? 'all' : key}, window ending ${iso(row.windowEnd)}`;
}

/** A whole number is the same as a number and as a bigint; 0 and -0 are not the same. Lists are compared by their text. */
function same(a: Presented, b: Presented): boolean {
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) return shown(a) === shown(b);
  return Object.is(plain(a), plain(b));
}

function plain(value: Presented): Presented {
  return typeof value === 'bigint' && value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
}

function shown(value: Presented | object): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

function iso(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}
