import { parseDuration, sourcePath, type Field, type FieldType, type Stream } from '@twofold/schemas';
import { CorrectionError } from './errors.ts';

/** A value made of an event's fields, as data; never code. Numbers are doubles in the fields' own measure. */
export type ValueExpression =
  | { readonly op: 'literal'; readonly value: string | number | boolean | null }
  | { readonly op: 'field'; readonly field: string }
  | { readonly op: '+' | '-' | '*' | '/'; readonly left: ValueExpression; readonly right: ValueExpression }
  | { readonly op: 'negate' | 'abs' | 'round' | 'lower' | 'upper' | 'trim'; readonly of: ValueExpression };

/** `field = value`: what a replacement sets. */
export interface Assignment {
  readonly field: string;
  readonly value: ValueExpression;
}

/** Values by field: numbers, texts, truth; times as whole units of their field since 1970; null. */
export type FieldValues = (field: string) => string | number | boolean | null;

type Kind = 'number' | 'text' | 'boolean' | 'time' | 'duration' | 'null';

/**
 * Checks assignments against a stream's fields and gives what sets them: for one event, the keys to each field and its new
 * value as JSON text. Numbers are computed in doubles and rounded to the field's digits, half away from zero; a division by zero is
 * null. Throws CONDITION_INVALID with the first fault.
 */
export function compileAssignments(
  stream: Stream,
  assignments: readonly Assignment[],
): (values: FieldValues) => readonly { readonly path: readonly string[]; readonly text: string }[] {
  if (stream.format !== undefined || stream.change !== undefined)
    throw invalid(`the records of stream ${stream.name} are wrapped or made by an operator; give whole rows instead`);
  const seen = new Set<string>();
  const setters = assignments.map(({ field: name, value }) => {
    const field = fieldOf(stream, name);
    if (seen.has(name)) throw invalid(`${name} is set twice`);
    seen.add(name);
    if (stream.id.includes(name))
      throw invalid(`${name} is part of the id: another id is another event. Retract the one and add the other`);
    const kind = kindOf(stream, value, unitsPerMs(field.type));
    const wanted = kindOfType(field.type);
    if (kind !== 'null' && kind !== wanted)
      throw invalid(`${name} is a ${wanted ?? `${field.type.kind}, which can not be set`}, and a ${kind} is given`);
    return { field, evaluate: evaluator(value, unitsPerMs(field.type)) };
  });
  return (values) =>
    setters.map(({ field, evaluate }) => ({ path: sourcePath(field), text: jsonText(field, evaluate(values)) }));
}

function kindOf(stream: Stream, value: ValueExpression, perMs: number): Kind {
  switch (value.op) {
    case 'literal':
      if (value.value === null) return 'null';
      return typeof value.value === 'string' ? 'text' : typeof value.value === 'number' ? 'number' : 'boolean';
    case 'field': {
      const { type } = fieldOf(stream, value.field);
      const kind = kindOfType(type);
      if (kind === null) throw invalid(`${value.field} is a ${type.kind}; nothing is made of it`);
      if (kind === 'time' && unitsPerMs(type) !== perMs) throw invalid(`${value.field} is a time of another unit`);
      return kind;
    }
    case 'lower':
    case 'upper':
    case 'trim':
      return demand(kindOf(stream, value.of, perMs), 'text', value.op);
    case 'negate':
    case 'abs':
    case 'round':
      return demand(kindOf(stream, value.of, perMs), 'number', value.op);
    default:
      return kindOfPair(value, kindOf(stream, value.left, perMs), kindOf(stream, value.right, perMs));
  }
}

function kindOfPair({ op, right }: Extract<ValueExpression, { left: unknown }>, a: Kind, b: Kind): Kind {
  if (a === 'time' && b === 'text' && (op === '+' || op === '-')) {
    durationOf(right);
    return 'time';
  }
  if (a === 'text' && b === 'text' && op === '+') return 'text';
  demand(a, 'number', op);
  return demand(b, 'number', op);
}

function demand(kind: Kind, wanted: Kind, of: string): Kind {
  if (kind === wanted) return kind;
  throw invalid(`'${of}' takes a ${wanted}, and a ${kind} is given`);
}

/** Milliseconds of a literal such as '1h'. */
function durationOf(value: ValueExpression): number {
  const text = value.op === 'literal' ? value.value : null;
  try {
    if (typeof text === 'string') return parseDuration(text);
  } catch {
    // Told below.
  }
  throw invalid("a time is moved by a duration in quotes, such as '1h' or '90s'");
}

type Value = string | number | boolean | null;

function evaluator(value: ValueExpression, perMs: number): (values: FieldValues) => Value {
  switch (value.op) {
    case 'literal':
      return () => value.value;
    case 'field':
      return (values) => values(value.field);
    case 'negate':
      return numeric(evaluator(value.of, perMs), (a) => -a);
    case 'abs':
      return numeric(evaluator(value.of, perMs), Math.abs);
    case 'round':
      return numeric(evaluator(value.of, perMs), roundedHalfAway);
    case 'lower':
      return textual(evaluator(value.of, perMs), (text) => text.toLowerCase());
    case 'upper':
      return textual(evaluator(value.of, perMs), (text) => text.toUpperCase());
    case 'trim':
      return textual(evaluator(value.of, perMs), (text) => text.trim());
    default: {
      const { op } = value;
      const [left, right] = [evaluator(value.left, perMs), evaluator(value.right, perMs)];
      return (values) => pair(op, left(values), right(values), perMs);
    }
  }
}

function numeric(of: (values: FieldValues) => Value, by: (a: number) => number): (values: FieldValues) => Value {
  return (values) => {
    const value = of(values);
    return typeof value === 'number' ? by(value) : null;
  };
}

function textual(of: (values: FieldValues) => Value, by: (a: string) => string): (values: FieldValues) => Value {
  return (values) => {
    const value = of(values);
    return typeof value === 'string' ? by(value) : null;
  };
}

function pair(op: '+' | '-' | '*' | '/', a: Value, b: Value, perMs: number): Value {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (typeof a === 'number' && typeof b === 'string') {
    const by = parseDuration(b) * perMs;
    return op === '+' ? a + by : a - by;
  }
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  const value = op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : a / b;
  return Number.isFinite(value) ? value : null;
}

/** The value as the stream reads it from a message. */
function jsonText({ type }: Field, value: Value): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  switch (type.kind) {
    case 'int':
      return String(roundedHalfAway(value));
    case 'decimal':
      return decimalText(value, type.scale);
    case 'instant':
      return JSON.stringify(instantText(Math.round(value), unitsPerMs(type)));
    default:
      return String(value);
  }
}

function decimalText(value: number, scale: number): string {
  // Fifteen digits are what a double holds: 1.005 is meant where 1.00499999999999989 is stored.
  const units = roundedHalfAway(Number((value * 10 ** scale).toPrecision(15)));
  const digits = String(Math.abs(units)).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0 ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}

function instantText(units: number, perMs: number): string {
  const ms = Math.floor(units / perMs);
  const iso = new Date(ms).toISOString();
  if (perMs <= 1) return iso;
  return iso.replace('Z', `${String(units - ms * perMs).padStart(3, '0')}Z`);
}

function roundedHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value)) + 0;
}

function kindOfType(type: FieldType): Kind | null {
  switch (type.kind) {
    case 'int':
    case 'decimal':
    case 'float':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'instant':
      return 'time';
    case 'text':
    case 'enumeration':
    case 'uuid':
      return 'text';
    default:
      return null;
  }
}

function unitsPerMs(type: FieldType): number {
  if (type.kind !== 'instant') return 0;
  return type.unit === 's' ? 0.001 : type.unit === 'ms' ? 1 : 1_000;
}

function fieldOf(stream: Stream, name: string): Field {
  const field = stream.fields.find((each) => each.name === name);
  if (field !== undefined) return field;
  const there = stream.fields.map((each) => each.name).join(', ');
  throw invalid(`stream ${stream.name} has no field ${name}; there are ${there}`);
}

function invalid(message: string): CorrectionError {
  return new CorrectionError('CONDITION_INVALID', `What is set can not be used: ${message}. Nothing was changed.`);
}
