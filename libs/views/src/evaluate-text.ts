import type { Columns, Stream, TextDictionary } from '@twofold/schemas';
import { ViewError } from './errors.ts';
import type { Expr } from './expression.ts';
import { TextVerdicts } from './text-verdicts.ts';

export type TextOf = (columns: Columns, row: number) => string | null;
/** 1 true, 0 false, NaN null. */
export type TruthOf = (columns: Columns, row: number) => number;

/** Where a field stands in the columns. Throws `INVALID_EXPRESSION` when the stream does not have it. */
export function fieldIndex(field: string, stream: Stream): number {
  const index = stream.fields.findIndex((candidate) => candidate.name === field);
  if (index >= 0) return index;
  throw new ViewError('INVALID_EXPRESSION', `The stream '${stream.name}' has no field '${field}'.`, {
    facts: { stream: stream.name, field },
  });
}

/** Reads a text field; each text of the dictionary is made a string once. */
export function textField(field: string, stream: Stream): TextOf {
  const index = fieldIndex(field, stream);
  let texts: string[] = [];
  let dictionary: TextDictionary | null = null;
  let generation = -1;
  return (columns, row) => {
    const column = columns.fields[index];
    if (column?.kind !== 'text') throw wrongColumn(field, 'text');
    const id = column.ids[row] ?? -1;
    if (id < 0) return null;
    if (column.dictionary !== dictionary || column.dictionary.generation !== generation) {
      dictionary = column.dictionary;
      generation = dictionary.generation;
      texts = [];
    }
    return (texts[id] ??= dictionary.text(id));
  };
}

/** Tests a text field against something that never changes: each text of the dictionary is tested once. */
export function textFieldTest(field: string, stream: Stream, test: (text: string) => boolean): TruthOf {
  const index = fieldIndex(field, stream);
  const verdicts = new TextVerdicts(test);
  return (columns, row) => {
    const column = columns.fields[index];
    if (column?.kind !== 'text') throw wrongColumn(field, 'text');
    const id = column.ids[row] ?? -1;
    if (id < 0) return NaN;
    const verdict = verdicts.of(column.dictionary)[id + 1] ?? 0;
    return (verdict === 0 ? verdicts.ask(id) : verdict) - 1;
  };
}

/** Order of texts by code point, which is the order of their UTF-8 bytes and so every engine's. Less than 0: a first. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others, so they move behind U+E000 to U+FFFF. */
function codePointRank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}

export function wrongColumn(field: string, expected: string): ViewError {
  return new ViewError('INVALID_EXPRESSION', `The column of field '${field}' is not of kind ${expected}.`, {
    facts: { field },
  });
}

export function wrongKind(expr: Expr, expected: string): ViewError {
  return new ViewError(
    'INVALID_EXPRESSION',
    `An expression of kind ${expr.type.kind} (${expr.op}) stands where ${expected} is wanted.`,
    { facts: { op: expr.op, kind: expr.type.kind, expected } },
  );
}
