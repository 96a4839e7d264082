import { SchemaError, type Field, type Stream } from '@twofold/schemas';
import type { Expr, ExprType } from '../expression.ts';

/** A field of a stream as an expression, without the language around it. */
export function fieldExpr(stream: Stream, name: string): Expr {
  const field = stream.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new SchemaError('INVALID_STREAM', `There is no field '${name}'.`);
  return { op: 'field', field: name, type: typeOf(field) };
}

function typeOf(field: Field): ExprType {
  const nullable = field.optional;
  const min = field.min ?? 0;
  const max = field.max ?? 0;
  switch (field.type.kind) {
    case 'int':
      return { kind: 'number', scale: 0, quantum: null, min, max, nullable };
    case 'decimal':
      return { kind: 'number', scale: field.type.scale, quantum: null, min, max, nullable };
    case 'float':
      return { kind: 'number', scale: 0, quantum: field.type.quantum, min, max, nullable };
    case 'instant':
      return { kind: 'instant', unit: field.type.unit, min, max, nullable };
    case 'date':
      return { kind: 'date', min, max, nullable };
    case 'boolean':
      return { kind: 'boolean', nullable };
    default:
      return { kind: 'text', nullable };
  }
}
