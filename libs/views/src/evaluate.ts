import type { Columns, Stream } from '@twofold/schemas';
import {
  calendarPartOf,
  codePoints,
  codePointsBefore,
  distinctNumbers,
  distinctTexts,
  extremeOf,
  joinedTexts,
  lastOf,
  lowerAscii,
  numberOfText,
  substring,
  textOfText,
  trimmed,
  upperAscii,
  utf8Length,
} from './evaluate-functions.ts';
import {
  arithmeticOn,
  chosenNumber,
  compareNumbers,
  firstNumber,
  firstText,
  isOrdered,
  junction,
  type NumberOf,
} from './evaluate-operators.ts';
import {
  compareCodePoints,
  fieldIndex,
  textField,
  textFieldTest,
  wrongColumn,
  wrongKind,
  type TruthOf,
} from './evaluate-text.ts';
import type { Expr } from './expression.ts';
import type { CompareOp } from './expression-operators.ts';
import { textTestOf, type TextTest } from './text-tests.ts';

/**
 * The expression over a row of the stream's columns: an integer in the units of its type, never -0, with booleans as 0
 * and 1; NaN is null. Throws `INVALID_EXPRESSION` for texts, and for fields that the stream does not have.
 */
export function compileNumber(expr: Expr, stream: Stream): (columns: Columns, row: number) => number {
  if (expr.type.kind === 'boolean') return truth(expr, stream);
  if (expr.type.kind === 'text') throw wrongKind(expr, 'a number');
  switch (expr.op) {
    case 'field':
      return numberField(expr.field, stream);
    case 'literal': {
      const value = expr.value === null ? NaN : expr.value;
      if (typeof value !== 'number') throw wrongKind(expr, 'a number');
      return () => value;
    }
    case 'negate': {
      const of = compileNumber(expr.of, stream);
      return (columns, row) => 0 - of(columns, row);
    }
    case 'abs': {
      const of = compileNumber(expr.of, stream);
      return (columns, row) => Math.abs(of(columns, row));
    }
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'remainder':
    case 'modulo':
      return arithmeticOn(expr.op, compileNumber(expr.left, stream), compileNumber(expr.right, stream));
    case 'sign': {
      const of = compileNumber(expr.of, stream);
      return (columns, row) => Math.sign(of(columns, row));
    }
    case 'greatest':
    case 'least':
      return extremeOf(
        expr.op,
        expr.args.map((arg) => compileNumber(arg, stream)),
      );
    case 'length':
      return numberOfText(compileText(expr.of, stream), codePoints);
    case 'byteLength':
      return numberOfText(compileText(expr.of, stream), utf8Length);
    case 'indexOf':
      return numberOfText(compileText(expr.of, stream), (text) => codePointsBefore(text, expr.text));
    case 'year':
    case 'month':
    case 'dayOfMonth':
    case 'isoWeek':
      return calendarPartOf(expr.op, compileNumber(expr.of, stream));
    case 'coalesce':
      return firstNumber(expr.args.map((arg) => compileNumber(arg, stream)));
    case 'if':
      return chosenNumber(
        truth(expr.condition, stream),
        compileNumber(expr.then, stream),
        compileNumber(expr.else, stream),
      );
    default:
      throw wrongKind(expr, 'a number');
  }
}

/** True only where the expression is TRUE: neither false nor null. Throws `INVALID_EXPRESSION` unless it is a condition. */
export function compileCondition(expr: Expr, stream: Stream): (columns: Columns, row: number) => boolean {
  const of = truth(expr, stream);
  return (columns, row) => of(columns, row) === 1;
}

/** The text over a row of the stream's columns, or null. Throws `INVALID_EXPRESSION` unless it is a text. */
export function compileText(expr: Expr, stream: Stream): (columns: Columns, row: number) => string | null {
  if (expr.type.kind !== 'text') throw wrongKind(expr, 'a text');
  switch (expr.op) {
    case 'field':
      return textField(expr.field, stream);
    case 'literal': {
      const { value } = expr;
      if (value !== null && typeof value !== 'string') throw wrongKind(expr, 'a text');
      return () => value;
    }
    case 'coalesce':
      return firstText(expr.args.map((arg) => compileText(arg, stream)));
    case 'concat':
      return joinedTexts(expr.args.map((arg) => compileText(arg, stream)));
    case 'lowerAscii':
      return textOfText(compileText(expr.of, stream), lowerAscii);
    case 'upperAscii':
      return textOfText(compileText(expr.of, stream), upperAscii);
    case 'trim':
      return textOfText(compileText(expr.of, stream), trimmed);
    case 'substring':
      return textOfText(compileText(expr.of, stream), (text) => substring(text, expr.start, expr.length));
    case 'last':
      return textOfText(compileText(expr.of, stream), (text) => lastOf(text, expr.length));
    case 'replace':
      return textOfText(compileText(expr.of, stream), (text) => text.split(expr.text).join(expr.by));
    case 'toText': {
      const of = compileNumber(expr.of, stream);
      return (columns, row) => {
        const value = of(columns, row);
        return value === value ? String(value) : null;
      };
    }
    case 'if': {
      const [test, yes, no] = [
        truth(expr.condition, stream),
        compileText(expr.then, stream),
        compileText(expr.else, stream),
      ];
      return (columns, row) => (test(columns, row) === 1 ? yes : no)(columns, row);
    }
    default:
      throw wrongKind(expr, 'a text');
  }
}

/** Three-valued logic as numbers: 1 true, 0 false, NaN null. */
function truth(expr: Expr, stream: Stream): TruthOf {
  const text = textTestOf(expr);
  if (text !== null) return textTest(text, stream);
  switch (expr.op) {
    case 'literal': {
      const value = expr.value === null ? NaN : Number(expr.value);
      return () => value;
    }
    case 'isNull':
      return nullTest(expr.of, stream);
    case 'not': {
      const of = truth(expr.of, stream);
      return (columns, row) => 1 - of(columns, row);
    }
    case 'and':
    case 'or':
      return junction(
        expr.op === 'and' ? 0 : 1,
        expr.args.map((arg) => truth(arg, stream)),
      );
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return comparison(expr.op, expr.left, expr.right, stream);
    case 'oneOf':
      return membership(expr.of, expr.values, stream);
    case 'distinctFrom':
      return expr.left.type.kind === 'text'
        ? distinctTexts(compileText(expr.left, stream), compileText(expr.right, stream))
        : distinctNumbers(compileNumber(expr.left, stream), compileNumber(expr.right, stream));
    case 'coalesce':
      return firstNumber(expr.args.map((arg) => truth(arg, stream)));
    case 'if':
      return chosenNumber(truth(expr.condition, stream), truth(expr.then, stream), truth(expr.else, stream));
    case 'field':
      if (expr.type.kind === 'boolean') return numberField(expr.field, stream);
      throw wrongKind(expr, 'a condition');
    default:
      throw wrongKind(expr, 'a condition');
  }
}

function numberField(field: string, stream: Stream): NumberOf {
  const index = fieldIndex(field, stream);
  return (columns, row) => {
    const column = columns.fields[index];
    if (column?.kind !== 'number') throw wrongColumn(field, 'number');
    return column.valid[row] === 1 ? (column.values[row] ?? NaN) : NaN;
  };
}

function nullTest(of: Expr, stream: Stream): TruthOf {
  if (of.type.kind === 'text') {
    const text = compileText(of, stream);
    return (columns, row) => (text(columns, row) === null ? 1 : 0);
  }
  const number = compileNumber(of, stream);
  return (columns, row) => (Number.isNaN(number(columns, row)) ? 1 : 0);
}

function comparison(op: CompareOp, left: Expr, right: Expr, stream: Stream): TruthOf {
  if (left.type.kind !== 'text') return compareNumbers(op, compileNumber(left, stream), compileNumber(right, stream));
  const [a, b] = [compileText(left, stream), compileText(right, stream)];
  return (columns, row) => {
    const [x, y] = [a(columns, row), b(columns, row)];
    return x === null || y === null ? NaN : Number(isOrdered(op, compareCodePoints(x, y)));
  };
}

function membership(of: Expr, values: readonly (number | string)[], stream: Stream): TruthOf {
  const members = new Set<number | string>(values);
  const number = compileNumber(of, stream);
  return (columns, row) => {
    const value = number(columns, row);
    return Number.isNaN(value) ? NaN : Number(members.has(value));
  };
}

function textTest({ of, test }: TextTest, stream: Stream): TruthOf {
  if (of.op === 'field') return textFieldTest(of.field, stream, test);
  const text = compileText(of, stream);
  return (columns, row) => {
    const value = text(columns, row);
    return value === null ? NaN : Number(test(value));
  };
}
