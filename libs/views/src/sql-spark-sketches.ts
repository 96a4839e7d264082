import { exactLimit } from './distinct-set.ts';
import type { SqlPlace, SqlSketch } from './sql-dialect.ts';

/*
 * Spark has no aggregate that keeps the least few values, or a count for each value: collecting a group's values would
 * hold all of them in memory. So a sketch is a query of its own, whose steps Spark can spill.
 */

/**
 * A group's distinct hashes, and how many they are; then a row for each index (the first bits), with its register and,
 * of a set that is exact, its hashes; then the group.
 */
export function sparkDistinct(hash: string, precision: number): SqlSketch {
  const rest = 60 - precision;
  const limit = exactLimit(precision);
  // A bit above all others ends the count where every bit is 0.
  const end = 2n ** BigInt(rest);
  const last = `((${hash} & CAST(${end - 1n} AS BIGINT)) | CAST(${end} AS BIGINT))`;
  const register = `CAST(bit_count(${last} ^ (${last} - CAST(1 AS BIGINT))) AS BIGINT)`;
  const index = `shiftright(${hash}, ${rest})`;
  const sql = (groups: readonly string[]): string => {
    const keys = groups.join(', ');
    const hashes = `SELECT DISTINCT ${keys}, ${hash} FROM events WHERE ${hash} IS NOT NULL`;
    const sized = `SELECT ${keys}, ${hash}, count(*) OVER (PARTITION BY ${keys}) AS size FROM (${hashes})`;
    const byIndex = [
      `SELECT ${keys}, max(size) AS size, max(${index} * CAST(64 AS BIGINT) + ${register}) AS register,`,
      `collect_list(CASE WHEN size <= ${limit} THEN ${hash} END) AS exact`,
      `FROM (${sized}) GROUP BY ${keys}, ${index}`,
    ].join(' ');
    return [
      `SELECT ${keys}, CASE WHEN max(size) <= ${limit}`,
      `THEN concat('e', array_join(transform(array_sort(flatten(collect_list(exact))), a -> lpad(lower(hex(a)), 15, '0')), ''))`,
      `ELSE concat('r', array_join(transform(array_sort(collect_list(register)), a -> CAST(a AS STRING)), ','))`,
      `END AS sketch FROM (${byIndex}) GROUP BY ${keys}`,
    ].join(' ');
  };
  return { by: 'query', empty: 'e', sql };
}

/** How many values of a group are in each bin; then the group. */
export function sparkBins(value: string, bits: number): SqlSketch {
  return sparkBinned(sparkBin(value, bits));
}

/** The same of bins; null is in none. */
export function sparkBinned(bin: string): SqlSketch {
  const sql = (groups: readonly string[]): string => {
    const keys = groups.join(', ');
    const binned = `SELECT ${keys}, bin FROM (SELECT ${keys}, ${bin} AS bin FROM events) WHERE bin IS NOT NULL`;
    const counted = `SELECT ${keys}, bin, count(*) AS amount FROM (${binned}) GROUP BY ${keys}, bin`;
    const entries = 'array_sort(collect_list(struct(bin, amount)))';
    const text = "a -> concat(CAST(a.bin AS STRING), ':', CAST(a.amount AS STRING))";
    return `SELECT ${keys}, array_join(transform(${entries}, ${text}), ',') AS sketch FROM (${counted}) GROUP BY ${keys}`;
  };
  return { by: 'query', empty: '', sql };
}

/** How many events of a group have each value; then the group, whose values are put together only when they are few. */
export function sparkCountBy(value: string, atMost: number): SqlSketch {
  const sql = (groups: readonly string[]): string => {
    const keys = groups.join(', ');
    const named = `SELECT ${keys}, CAST(${value} AS STRING) AS value FROM events WHERE ${value} IS NOT NULL`;
    const counted = `SELECT ${keys}, value, count(*) AS amount FROM (${named}) GROUP BY ${keys}, value`;
    const sized = `SELECT ${keys}, value, amount, count(*) OVER (PARTITION BY ${keys}) AS size FROM (${counted})`;
    // In order of the values, as the other engines give them: a fold's result is the same whatever the plan.
    const entries = `array_sort(collect_list(CASE WHEN size <= ${atMost} THEN struct(value, amount) END))`;
    const text = "a -> concat(CAST(a.amount AS STRING), ':', CAST(length(a.value) AS STRING), ':', a.value)";
    return [
      `SELECT ${keys}, CASE WHEN max(size) > ${atMost} THEN concat('+', CAST(sum(amount) AS STRING))`,
      `ELSE concat('=', array_join(transform(${entries}, ${text}), '')) END AS sketch`,
      `FROM (${sized}) GROUP BY ${keys}`,
    ].join(' ');
  };
  return { by: 'query', empty: '=', sql };
}

/** An aggregate over values and their places: the text that `PlacedValue.text` gives. */
export function sparkPlaced(which: 'first' | 'last', value: string, { time, partition, offset }: SqlPlace): string {
  const struct = `named_struct('t', ${time}, 'p', ${partition}, 'o', ${offset}, 'v', ${value})`;
  const held = `${which === 'first' ? 'min' : 'max'}(CASE WHEN ${value} IS NOT NULL THEN ${struct} END)`;
  const parts = ['t', 'p', 'o', 'v'].map((name) => `CAST(${held}.${name} AS STRING)`);
  return `coalesce(concat(${parts.join(", ' ', ")}), '')`;
}

/** `binOf` of an integer. A logarithm in floats is at most 1 off; comparing integers puts that right. */
function sparkBin(value: string, bits: number): string {
  const size = `nullif(abs(${value}), CAST(0 AS BIGINT))`;
  const one = 'CAST(1 AS BIGINT)';
  const near = `CAST(floor(log2(${size})) AS INT)`;
  const exponent =
    `(${near} + CASE WHEN shiftleft(${one}, ${near} + 1) <= ${size} THEN 1 ` +
    `WHEN shiftleft(${one}, ${near}) > ${size} THEN -1 ELSE 0 END)`;
  const bin =
    `(${one} + CAST(${exponent} - 1 AS BIGINT) * CAST(${2 ** bits} AS BIGINT)` +
    ` + shiftright(shiftleft(${size}, ${bits}), ${exponent}))`;
  return `CASE WHEN ${value} = 0 THEN CAST(0 AS BIGINT) WHEN ${value} < 0 THEN - ${bin} ELSE ${bin} END`;
}
