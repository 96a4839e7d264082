import { fieldReader } from './field-reader.ts';
import { isText } from './decoded-columns.ts';
import { Token } from './json-cursor.ts';
import { JsonReader } from './json-reader.ts';
import { elementText } from './list-text.ts';
import { fieldFault, StagedRow, wrongType, type FieldRead } from './staged-row.ts';
import type { Field, FieldType } from './stream.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads a list element by element, each as a field of its kind, and writes it as `listText`. */
export function listReader(field: Field, index: number, type: FieldType & { readonly kind: 'list' }): FieldRead {
  const { of, maxItems, unique } = type;
  const read = fieldReader({ ...field, ...of, optional: false }, 0);
  const element = new StagedRow(1);
  const ofText = isText(of.type.kind);
  const json = new JsonReader([]);
  return (row, token, bytes, start, end) => {
    if (token !== Token.list) return wrongType(field, token, 'a list');
    const items: string[] = [];
    for (let at = nextValue(bytes, start + 1, end); at < end;) {
      const next = json.skip(bytes, at, end);
      const quoted = bytes[at] === 34 ? 1 : 0;
      element.clear(next - at);
      const fault = read(element, tokenAt(bytes, at, next), bytes, at + quoted, next - quoted);
      if (fault !== null) return fault;
      const value = ofText
        ? utf8.decode(element.texts.subarray(element.textStarts[0] ?? 0, element.textEnds[0] ?? 0))
        : (element.numbers[0] ?? 0);
      items.push(elementText(value));
      at = nextValue(bytes, next, end);
    }
    if (items.length > maxItems)
      return fieldFault(
        field,
        'TOO_LONG',
        `'${field.source}' has ${items.length} items, and at most ${maxItems} are taken.`,
      );
    if (unique && new Set(items).size < items.length)
      return fieldFault(field, 'NOT_UNIQUE', `'${field.source}' holds an item twice.`);
    const text = encoder.encode(`[${items.join(',')}]`);
    row.reserve(text.length);
    row.texts.set(text, row.textLength);
    row.setText(index, row.textLength + text.length);
    return null;
  };
}

/** The place of the next element, or `end`; the message is known to be sound. */
function nextValue(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && separators.has(bytes[at] ?? 0)) at++;
  return bytes[at] === 93 ? end : at;
}

/** Blanks and the comma. */
const separators = new Set([32, 10, 13, 9, 44]);

function tokenAt(bytes: Uint8Array, at: number, end: number): Token {
  switch (bytes[at]) {
    case 34:
      return bytes.subarray(at, end).includes(92) ? Token.escaped : Token.string;
    case 91:
      return Token.list;
    case 123:
      return Token.object;
    case 110:
      return Token.null;
    case 116:
      return Token.true;
    case 102:
      return Token.false;
    default:
      return Token.number;
  }
}
