import type { Expr } from './expression.ts';
import { unitsText } from './expression-units.ts';

const signs = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: 'quotient',
  remainder: 'remainder',
  modulo: 'modulo',
} as const;

/** An expression for people: in messages, plans and catalogues. Not meant to be read back. */
export function expressionText(expr: Expr): string {
  switch (expr.op) {
    case 'field':
      return expr.field;
    case 'measure':
      return expr.measure;
    case 'literal':
      return literalText(expr.type, expr.value);
    case 'isNull':
      return `${nested(expr.of)} is null`;
    case 'not':
      return `not ${nested(expr.of)}`;
    case 'negate':
      return `-${nested(expr.of)}`;
    case 'abs':
    case 'sign':
    case 'length':
    case 'byteLength':
    case 'lowerAscii':
    case 'upperAscii':
    case 'trim':
    case 'toText':
    case 'year':
    case 'month':
    case 'dayOfMonth':
    case 'isoWeek':
      return `${expr.op}(${expressionText(expr.of)})`;
    case 'greatest':
    case 'least':
    case 'concat':
      return `${expr.op}(${expr.args.map(expressionText).join(', ')})`;
    case 'substring':
      return `substring(${expressionText(expr.of)}, ${expr.start}${expr.length === null ? '' : `, ${expr.length}`})`;
    case 'last':
      return `last(${expressionText(expr.of)}, ${expr.length})`;
    case 'replace':
      return `replace(${expressionText(expr.of)}, ${JSON.stringify(expr.text)}, ${JSON.stringify(expr.by)})`;
    case 'matches':
      return `${nested(expr.of)} matches ${JSON.stringify(expr.pattern)}`;
    case 'distinctFrom':
      return `${nested(expr.left)} is distinct from ${nested(expr.right)}`;
    case 'and':
    case 'or':
      return expr.args.map(nested).join(` ${expr.op} `);
    case 'coalesce':
      return `coalesce(${expr.args.map(expressionText).join(', ')})`;
    case 'oneOf':
      return `${nested(expr.of)} in (${expr.values.map((value) => literalText(expr.of.type, value)).join(', ')})`;
    case 'startsWith':
    case 'endsWith':
    case 'contains':
    case 'indexOf':
      return `${expr.op}(${expressionText(expr.of)}, ${JSON.stringify(expr.text)})`;
    case 'if':
      return `if(${[expr.condition, expr.then, expr.else].map(expressionText).join(', ')})`;
    default:
      return `${nested(expr.left)} ${signs[expr.op]} ${nested(expr.right)}`;
  }
}

function nested(expr: Expr): string {
  const isPlain = expr.op === 'field' || expr.op === 'measure' || expr.op === 'literal' || expr.op === 'abs';
  return isPlain ? expressionText(expr) : `(${expressionText(expr)})`;
}

function literalText(type: Expr['type'], value: number | string | boolean | null): string {
  if (type.kind === 'number' && typeof value === 'number' && Number.isInteger(value))
    return unitsText(BigInt(value), type);
  return JSON.stringify(value);
}
