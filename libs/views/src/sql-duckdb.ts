import type { SqlDialect } from './sql-dialect.ts';
import { sqlName, sqlText } from './sql-literals.ts';
import { binnedSql, binsSql, countBySql, distinctSql, hashSql, placedSql } from './sql-sketches.ts';

/** The SQL of DuckDB. A sum of BIGINTs is a HUGEINT by itself; products of HUGEINTs are slow. */
export const duckdbSql: SqlDialect = {
  engine: 'duckdb',
  types: { number: 'DOUBLE', sum: 'HUGEINT', text: 'VARCHAR' },
  name: sqlName,
  text: sqlText,
  divide: (left, right) => `(${left} // ${right})`,
  startsWith: (of, text) => `starts_with(${of}, ${text})`,
  endsWith: (of, text) => `suffix(${of}, ${text})`,
  contains: (of, text) => `contains(${of}, ${text})`,
  shareOf: (columns, of) => `hash(${columns.join(', ')}) % CAST(${of} AS UBIGINT)`,
  byteLength: (of) => `strlen(${of})`,
  trim: (of) => `trim(${of}, ' ')`,
  matches: (of, pattern) => `regexp_full_match(${of}, ${sqlText(pattern)})`,
  calendarPart: (part, days) => `${calendarFunctions[part]}(DATE '1970-01-01' + CAST(${days} AS INTEGER))`,
  sum: (of) => `sum(${of})`,
  sumOfSquares: (of, fits) => {
    const factor = fits ? of : `CAST(${of} AS HUGEINT)`;
    return `sum(${factor} * ${factor})`;
  },
  hash: hashSql,
  distinct: (hash, precision) => ({ by: 'aggregate', sql: distinctSql(hash, precision) }),
  bins: (value, bits) => ({ by: 'aggregate', sql: binsSql(value, bits) }),
  binned: (bin) => ({ by: 'aggregate', sql: binnedSql(bin) }),
  countBy: (value, atMost) => ({ by: 'aggregate', sql: countBySql(value, atMost) }),
  placed: (which, value, place) => ({ by: 'aggregate', sql: placedSql(which, value, place) }),
};

const calendarFunctions = { year: 'year', month: 'month', dayOfMonth: 'day', isoWeek: 'week' } as const;
