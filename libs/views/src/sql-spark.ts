import type { SqlDialect } from './sql-dialect.ts';
import { sparkBinned, sparkBins, sparkCountBy, sparkDistinct, sparkPlaced } from './sql-spark-sketches.ts';

/**
 * The SQL of Spark, for `spark.sql.ansi.enabled=true`: without it, arithmetic wraps. A plain sum of BIGINTs is a BIGINT
 * there, so sums are of decimals: 19 digits hold every BIGINT, a sum has room for 10^10 times as much, and one of
 * squares for 10^38.
 */
export const sparkSql: SqlDialect = {
  engine: 'spark',
  types: { number: 'DOUBLE', sum: 'DECIMAL(38,0)', text: 'STRING' },
  name: (name) => `\`${name.replaceAll('`', '``')}\``,
  text: sparkText,
  divide: (left, right) => `(${left} div ${right})`,
  startsWith: (of, text) => `startswith(${of}, ${text})`,
  endsWith: (of, text) => `endswith(${of}, ${text})`,
  contains: (of, text) => `contains(${of}, ${text})`,
  shareOf: (columns, of) => `pmod(hash(${columns.join(', ')}), ${of})`,
  byteLength: (of) => `octet_length(${of})`,
  trim: (of) => `trim(BOTH ' ' FROM ${of})`,
  matches: (of, pattern) => `regexp_like(${of}, ${sparkText(`\\A(?:${pattern})\\z`)})`,
  calendarPart: (part, days) => `${calendarFunctions[part]}(date_add(DATE'1970-01-01', CAST(${days} AS INT)))`,
  sum: (of) => `CAST(sum(CAST(${of} AS DECIMAL(19,0))) AS DECIMAL(38,0))`,
  sumOfSquares: (of, fits) => {
    const wide = `CAST(${of} AS DECIMAL(19,0))`;
    return fits ? sparkSql.sum(`${of} * ${of}`) : `CAST(sum(${wide} * ${wide}) AS DECIMAL(38,0))`;
  },
  hash: (of) => `CAST(conv(substr(md5(CAST(CAST(${of} AS STRING) AS BINARY)), 1, 15), 16, 10) AS BIGINT)`,
  distinct: sparkDistinct,
  bins: sparkBins,
  binned: sparkBinned,
  countBy: sparkCountBy,
  placed: (which, value, place) => ({ by: 'aggregate', sql: sparkPlaced(which, value, place) }),
};

/** In a literal a backslash begins an escape, and anywhere in a statement a variable in braces behind `$` is replaced. */
function sparkText(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\0', '\\u0000')
    .replaceAll('$', '\\u0024');
  return `'${escaped}'`;
}

const calendarFunctions = { year: 'year', month: 'month', dayOfMonth: 'dayofmonth', isoWeek: 'weekofyear' } as const;
