import { exactLimit } from './distinct-set.ts';
import type { SqlPlace } from './sql-dialect.ts';

/** The first 60 bits of the md5 of a value's canonical text, as 15 hexadecimal digits; null of null. */
export function hashSql(value: string): string {
  return `substr(md5(CAST(${value} AS VARCHAR)), 1, 15)`;
}

/**
 * An aggregate over hashes of `hashSql`: the text that `DistinctSet.text` gives of the same set. One more than the exact
 * set may hold says that there are too many; the registers come from the distinct pairs of index and zeros, of which
 * there are few for each index: the last of an index is its register.
 */
export function distinctSql(hash: string, precision: number): string {
  const limit = exactLimit(precision);
  const rest = 60 - precision;
  const bits = `CAST('0x' || ${hash} AS BIGINT)`;
  // A bit above all others ends the count where every bit is 0.
  const end = 2n ** BigInt(rest);
  const last = `((${bits} & CAST(${end - 1n} AS BIGINT)) | CAST(${end} AS BIGINT))`;
  const register = `CAST(bit_count(xor(${last}, ${last} - 1)) AS BIGINT)`;
  const pair = `((${bits} >> ${rest}) * 64 + ${register})`;
  const least = `min(DISTINCT ${hash}, ${limit + 1})`;
  const pairs = `list_sort(list(DISTINCT ${pair}) FILTER (WHERE ${hash} IS NOT NULL))`;
  const following = `list_zip(${pairs}, ${pairs}[2:])`;
  const registers = `list_filter(${following}, lambda z: z[2] IS NULL OR (z[2] >> 6) <> (z[1] >> 6))`;
  return [
    `CASE WHEN count(${hash}) = 0 THEN 'e'`,
    `WHEN len(${least}) <= ${limit} THEN 'e' || array_to_string(${least}, '')`,
    `ELSE 'r' || array_to_string(list_transform(${registers}, lambda z: z[1]), ',') END`,
  ].join(' ');
}

/** An aggregate over integers up to 2^53 in size: the text that `BinCounts.text` gives of the same values. */
export function binsSql(value: string, bits: number): string {
  return binnedSql(binSql(value, bits));
}

/** The same over bins. */
export function binnedSql(bin: string): string {
  const counts = `histogram(${bin})`;
  return `coalesce(array_to_string(list_transform(map_entries(${counts}), lambda z: z.key || ':' || z.value), ','), '')`;
}

/** `binOf` of an integer. A logarithm in floats is at most 1 off; comparing integers puts that right. */
function binSql(value: string, bits: number): string {
  const size = `nullif(abs(${value}), 0)`;
  const one = 'CAST(1 AS BIGINT)';
  const near = `CAST(floor(log2(${size})) AS BIGINT)`;
  const exponent =
    `(${near} + CASE WHEN (${one} << (${near} + 1)) <= ${size} THEN 1 ` +
    `WHEN (${one} << ${near}) > ${size} THEN -1 ELSE 0 END)`;
  const bin = `(1 + (${exponent} - 1) * CAST(${2 ** bits} AS BIGINT) + ((${size} << ${bits}) >> ${exponent}))`;
  return `CASE WHEN ${value} = 0 THEN CAST(0 AS BIGINT) WHEN ${value} < 0 THEN - ${bin} ELSE ${bin} END`;
}

/** An aggregate over values: a text that `ValueCounts.addText` takes. */
export function countBySql(value: string, atMost: number): string {
  const counts = `histogram(CAST(${value} AS VARCHAR))`;
  const entries = `list_transform(map_entries(${counts}), lambda z: z.value || ':' || length(z.key) || ':' || z.key)`;
  return [
    `CASE WHEN count(${value}) = 0 THEN '='`,
    `WHEN cardinality(${counts}) > ${atMost} THEN '+' || count(${value})`,
    `ELSE '=' || array_to_string(${entries}, '') END`,
  ].join(' ');
}

/** An aggregate over values and their places: the text that `PlacedValue.text` gives. */
export function placedSql(which: 'first' | 'last', value: string, { time, partition, offset }: SqlPlace): string {
  const struct = `{'t': ${time}, 'p': ${partition}, 'o': ${offset}, 'v': ${value}}`;
  const held = `${which === 'first' ? 'min' : 'max'}(${struct}) FILTER (WHERE ${value} IS NOT NULL)`;
  const part = (name: string): string => `CAST(struct_extract(${held}, '${name}') AS VARCHAR)`;
  return `coalesce(${part('t')} || ' ' || ${part('p')} || ' ' || ${part('o')} || ' ' || ${part('v')}, '')`;
}
