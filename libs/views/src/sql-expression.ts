import { ViewError } from './errors.ts';
import type { Expr } from './expression.ts';
import { patternText } from './pattern-text.ts';
import { fieldColumn } from './physical.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { sqlInteger } from './sql-literals.ts';

/**
 * A number as SQL over the physical columns: BIGINT in the units of its type, a condition as 0 and 1.
 * Declared ranges keep every step within 2^53. Throws `INVALID_EXPRESSION` for texts.
 */
export function sqlNumber(expr: Expr, sql: SqlDialect): string {
  if (expr.type.kind === 'text') throw misplaced(expr, 'a number');
  if (expr.type.kind === 'boolean') return `CAST(${sqlCondition(expr, sql)} AS BIGINT)`;
  switch (expr.op) {
    case 'field':
      return sql.name(fieldColumn(expr.field));
    case 'literal':
      if (expr.value === null) return 'CAST(NULL AS BIGINT)';
      if (typeof expr.value === 'number') return sqlInteger(expr.value);
      throw misplaced(expr, 'a number');
    case 'negate':
      return `(- ${sqlNumber(expr.of, sql)})`;
    case 'abs':
      return `abs(${sqlNumber(expr.of, sql)})`;
    case 'add':
    case 'subtract':
    case 'multiply':
      return `(${sqlNumber(expr.left, sql)} ${signs[expr.op]} ${sqlNumber(expr.right, sql)})`;
    case 'divide':
      return sql.divide(sqlNumber(expr.left, sql), divisor(expr.right, sql));
    case 'remainder':
      return `(${sqlNumber(expr.left, sql)} % ${divisor(expr.right, sql)})`;
    case 'modulo': {
      const by = divisor(expr.right, sql);
      return `(((${sqlNumber(expr.left, sql)} % ${by}) + ${by}) % ${by})`;
    }
    case 'sign':
      return `CAST(sign(${sqlNumber(expr.of, sql)}) AS BIGINT)`;
    case 'length':
      return `CAST(length(${sqlTextOf(expr.of, sql)}) AS BIGINT)`;
    case 'byteLength':
      return `CAST(${sql.byteLength(sqlTextOf(expr.of, sql))} AS BIGINT)`;
    case 'indexOf':
      return `(CAST(instr(${sqlTextOf(expr.of, sql)}, ${sql.text(expr.text)}) AS BIGINT) - ${sqlInteger(1)})`;
    case 'year':
    case 'month':
    case 'dayOfMonth':
    case 'isoWeek':
      return `CAST(${sql.calendarPart(expr.op, sqlNumber(expr.of, sql))} AS BIGINT)`;
    case 'greatest':
    case 'least':
    case 'coalesce':
      return `${expr.op}(${expr.args.map((arg) => sqlNumber(arg, sql)).join(', ')})`;
    case 'if':
      return sqlChoice(expr.condition, sqlNumber(expr.then, sql), sqlNumber(expr.else, sql), sql);
    default:
      throw misplaced(expr, 'a number');
  }
}

/** A condition as SQL: a BOOLEAN that may be null. Throws `INVALID_EXPRESSION` for anything else. */
export function sqlCondition(expr: Expr, sql: SqlDialect): string {
  switch (expr.op) {
    case 'field':
      if (expr.type.kind === 'boolean') return `(${sql.name(fieldColumn(expr.field))} = ${sqlInteger(1)})`;
      throw misplaced(expr, 'a condition');
    case 'literal':
      if (expr.value === null) return 'CAST(NULL AS BOOLEAN)';
      if (typeof expr.value === 'boolean') return expr.value ? 'true' : 'false';
      throw misplaced(expr, 'a condition');
    case 'isNull':
      return `(${sqlOf(expr.of, sql)} IS NULL)`;
    case 'not':
      return `(NOT ${sqlCondition(expr.of, sql)})`;
    case 'and':
    case 'or':
      return `(${expr.args.map((arg) => sqlCondition(arg, sql)).join(expr.op === 'and' ? ' AND ' : ' OR ')})`;
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return `(${sqlOf(expr.left, sql)} ${signs[expr.op]} ${sqlOf(expr.right, sql)})`;
    case 'oneOf':
      return `(${sqlOf(expr.of, sql)} IN (${expr.values.map((value) => (typeof value === 'number' ? sqlInteger(value) : sql.text(value))).join(', ')}))`;
    case 'startsWith':
      return sql.startsWith(sqlTextOf(expr.of, sql), sql.text(expr.text));
    case 'endsWith':
      return sql.endsWith(sqlTextOf(expr.of, sql), sql.text(expr.text));
    case 'contains':
      return sql.contains(sqlTextOf(expr.of, sql), sql.text(expr.text));
    case 'matches':
      return sql.matches(sqlTextOf(expr.of, sql), patternText(expr.pattern));
    case 'distinctFrom':
      return `(${sqlOf(expr.left, sql)} IS DISTINCT FROM ${sqlOf(expr.right, sql)})`;
    case 'coalesce':
      return `coalesce(${expr.args.map((arg) => sqlCondition(arg, sql)).join(', ')})`;
    case 'if':
      return sqlChoice(expr.condition, sqlCondition(expr.then, sql), sqlCondition(expr.else, sql), sql);
    default:
      throw misplaced(expr, 'a condition');
  }
}

/** A text as SQL. Throws `INVALID_EXPRESSION` for anything else. */
export function sqlTextOf(expr: Expr, sql: SqlDialect): string {
  if (expr.type.kind !== 'text') throw misplaced(expr, 'a text');
  switch (expr.op) {
    case 'field':
      return sql.name(fieldColumn(expr.field));
    case 'literal':
      if (expr.value === null) return `CAST(NULL AS ${sql.types.text})`;
      return sql.text(String(expr.value));
    case 'coalesce':
      return `coalesce(${expr.args.map((arg) => sqlTextOf(arg, sql)).join(', ')})`;
    case 'concat':
      return `(${expr.args.map((arg) => sqlTextOf(arg, sql)).join(' || ')})`;
    case 'lowerAscii':
      return `translate(${sqlTextOf(expr.of, sql)}, '${capitals}', '${capitals.toLowerCase()}')`;
    case 'upperAscii':
      return `translate(${sqlTextOf(expr.of, sql)}, '${capitals.toLowerCase()}', '${capitals}')`;
    case 'trim':
      return sql.trim(sqlTextOf(expr.of, sql));
    case 'substring': {
      const length = expr.length === null ? '' : `, ${expr.length}`;
      return `substr(${sqlTextOf(expr.of, sql)}, ${expr.start + 1}${length})`;
    }
    case 'last':
      return `right(${sqlTextOf(expr.of, sql)}, ${expr.length})`;
    case 'replace':
      return `replace(${sqlTextOf(expr.of, sql)}, ${sql.text(expr.text)}, ${sql.text(expr.by)})`;
    case 'toText':
      return `CAST(${sqlNumber(expr.of, sql)} AS ${sql.types.text})`;
    case 'if':
      return sqlChoice(expr.condition, sqlTextOf(expr.then, sql), sqlTextOf(expr.else, sql), sql);
    default:
      throw misplaced(expr, 'a text');
  }
}

/** An expression of any kind, as what it is compared as. */
function sqlOf(expr: Expr, sql: SqlDialect): string {
  if (expr.type.kind === 'boolean') return sqlCondition(expr, sql);
  return expr.type.kind === 'text' ? sqlTextOf(expr, sql) : sqlNumber(expr, sql);
}

/** A null condition takes the second way, as a false one does. */
function sqlChoice(condition: Expr, then: string, otherwise: string, sql: SqlDialect): string {
  return `CASE WHEN ${sqlCondition(condition, sql)} THEN ${then} ELSE ${otherwise} END`;
}

/** Engines differ in what a division by zero does; none differs in what a division by null does. */
function divisor(expr: Expr, sql: SqlDialect): string {
  const by = sqlNumber(expr, sql);
  return expr.op === 'literal' && expr.value !== 0 ? by : `nullif(${by}, ${sqlInteger(0)})`;
}

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const signs = {
  add: '+',
  subtract: '-',
  multiply: '*',
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
} as const;

function misplaced(expr: Expr, expected: string): ViewError {
  return new ViewError(
    'INVALID_EXPRESSION',
    `'${expr.op}' of kind ${expr.type.kind} stands where ${expected} is wanted.`,
    {
      facts: { op: expr.op, kind: expr.type.kind, expected },
    },
  );
}
