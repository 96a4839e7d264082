import { ViewError } from './errors.ts';
import type { Expr } from './expression.ts';
import { fieldColumn } from './physical.ts';
import { sqlInteger, sqlName, sqlText } from './sql-literals.ts';

/**
 * A number as DuckDB SQL over the physical columns: BIGINT in the units of its type, a condition as 0 and 1.
 * Declared ranges keep every step within 2^53. Throws `INVALID_EXPRESSION` for texts.
 */
export function sqlNumber(expr: Expr): string {
  if (expr.type.kind === 'text') throw misplaced(expr, 'a number');
  if (expr.type.kind === 'boolean') return `CAST(${sqlCondition(expr)} AS BIGINT)`;
  switch (expr.op) {
    case 'field':
      return sqlName(fieldColumn(expr.field));
    case 'literal':
      if (expr.value === null) return 'CAST(NULL AS BIGINT)';
      if (typeof expr.value === 'number') return sqlInteger(expr.value);
      throw misplaced(expr, 'a number');
    case 'negate':
      return `(- ${sqlNumber(expr.of)})`;
    case 'abs':
      return `abs(${sqlNumber(expr.of)})`;
    case 'add':
    case 'subtract':
    case 'multiply':
      return `(${sqlNumber(expr.left)} ${signs[expr.op]} ${sqlNumber(expr.right)})`;
    case 'divide':
      return `(${sqlNumber(expr.left)} // ${divisor(expr.right)})`;
    case 'remainder':
      return `(${sqlNumber(expr.left)} % ${divisor(expr.right)})`;
    case 'modulo': {
      const by = divisor(expr.right);
      return `(((${sqlNumber(expr.left)} % ${by}) + ${by}) % ${by})`;
    }
    case 'coalesce':
      return `coalesce(${expr.args.map(sqlNumber).join(', ')})`;
    case 'if':
      return sqlChoice(expr.condition, sqlNumber(expr.then), sqlNumber(expr.else));
    default:
      throw misplaced(expr, 'a number');
  }
}

/** A condition as DuckDB SQL: a BOOLEAN that may be null. Throws `INVALID_EXPRESSION` for anything else. */
export function sqlCondition(expr: Expr): string {
  switch (expr.op) {
    case 'field':
      if (expr.type.kind === 'boolean') return `(${sqlName(fieldColumn(expr.field))} = ${sqlInteger(1)})`;
      throw misplaced(expr, 'a condition');
    case 'literal':
      if (expr.value === null) return 'CAST(NULL AS BOOLEAN)';
      if (typeof expr.value === 'boolean') return expr.value ? 'true' : 'false';
      throw misplaced(expr, 'a condition');
    case 'isNull':
      return `(${sqlOf(expr.of)} IS NULL)`;
    case 'not':
      return `(NOT ${sqlCondition(expr.of)})`;
    case 'and':
    case 'or':
      return `(${expr.args.map(sqlCondition).join(expr.op === 'and' ? ' AND ' : ' OR ')})`;
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return `(${sqlOf(expr.left)} ${signs[expr.op]} ${sqlOf(expr.right)})`;
    case 'oneOf':
      return `(${sqlOf(expr.of)} IN (${expr.values.map((value) => (typeof value === 'number' ? sqlInteger(value) : sqlText(value))).join(', ')}))`;
    case 'startsWith':
      return `starts_with(${sqlTextOf(expr.of)}, ${sqlText(expr.text)})`;
    case 'endsWith':
      return `suffix(${sqlTextOf(expr.of)}, ${sqlText(expr.text)})`;
    case 'contains':
      return `contains(${sqlTextOf(expr.of)}, ${sqlText(expr.text)})`;
    case 'coalesce':
      return `coalesce(${expr.args.map(sqlCondition).join(', ')})`;
    case 'if':
      return sqlChoice(expr.condition, sqlCondition(expr.then), sqlCondition(expr.else));
    default:
      throw misplaced(expr, 'a condition');
  }
}

/** A text as DuckDB SQL: VARCHAR. Throws `INVALID_EXPRESSION` for anything else. */
export function sqlTextOf(expr: Expr): string {
  if (expr.type.kind !== 'text') throw misplaced(expr, 'a text');
  switch (expr.op) {
    case 'field':
      return sqlName(fieldColumn(expr.field));
    case 'literal':
      if (expr.value === null) return 'CAST(NULL AS VARCHAR)';
      return sqlText(String(expr.value));
    case 'coalesce':
      return `coalesce(${expr.args.map(sqlTextOf).join(', ')})`;
    case 'if':
      return sqlChoice(expr.condition, sqlTextOf(expr.then), sqlTextOf(expr.else));
    default:
      throw misplaced(expr, 'a text');
  }
}

/** An expression of any kind, as what it is compared as. */
function sqlOf(expr: Expr): string {
  if (expr.type.kind === 'boolean') return sqlCondition(expr);
  return expr.type.kind === 'text' ? sqlTextOf(expr) : sqlNumber(expr);
}

/** A null condition takes the second way, as a false one does. */
function sqlChoice(condition: Expr, then: string, otherwise: string): string {
  return `CASE WHEN ${sqlCondition(condition)} THEN ${then} ELSE ${otherwise} END`;
}

/** Engines differ in what a division by zero does; none differs in what a division by null does. */
function divisor(expr: Expr): string {
  return `nullif(${sqlNumber(expr)}, ${sqlInteger(0)})`;
}

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
