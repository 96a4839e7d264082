import { compilePattern } from './compile-pattern.ts';
import type { FieldSchema, Reading } from './import-field.ts';
import { literal } from './stream-source.ts';

const longest = 1_000_000;
const usual = 1_024;

/** `"type": "string"`, an enumeration of texts, or one constant text. Null when it is refused. */
export function importText(field: FieldSchema): Reading | null {
  const { schema, own } = field;
  if (schema['enum'] !== undefined || schema['const'] !== undefined) return enumerated(field);
  if (own['kind'] === 'uuid') return { builder: 'uuid', code: 'uuid()', used: ['type', 'format', 'pattern'] };
  if (own['kind'] === 'date') return { builder: 'date', code: 'date()', used: ['type', 'format', 'pattern'] };
  if (schema['contentEncoding'] !== undefined) return importBytes(field);
  const normal = importNormal(field);
  if (normal !== null) return normal;
  const formatted = byFormat(field);
  if (formatted !== null) return formatted;
  const length = maxLength(field);
  const pattern = matches(field);
  if (length === null || pattern === null) return null;
  return {
    builder: 'text',
    code: `text()${length}${pattern}`,
    used: ['type', 'maxLength', 'minLength', 'pattern', 'format'],
  };
}

/** A text that is trimmed or whose letters are changed, as `toJsonSchema` says it; null: it is none. */
function importNormal({ own }: FieldSchema): Reading | null {
  const { normal, maxLength: most, matches: pattern } = own;
  if (typeof normal !== 'object' || normal === null || !('trim' in normal) || !('letters' in normal)) return null;
  const calls = [
    typeof most === 'number' && most !== usual ? `.maxLength(${most})` : '',
    typeof pattern === 'string' ? `.matches(${literal(pattern)})` : '',
    normal.trim === true ? '.trimmed()' : '',
    normal.letters === 'lower' ? '.lowercased()' : normal.letters === 'upper' ? '.uppercased()' : '',
  ];
  return { builder: 'text', code: `text()${calls.join('')}`, used: ['type'] };
}

function enumerated({ schema, refuse }: FieldSchema): Reading | null {
  const { enum: given = [schema['const']] } = schema;
  if (schema['enum'] !== undefined && schema['const'] !== undefined)
    return refuse('const', 'stands beside enum. Keep one of them.');
  const keyword = schema['enum'] === undefined ? 'const' : 'enum';
  // Only texts are of the type; what else is listed no message can hold.
  const values = Array.isArray(given) ? given.filter((one): one is string => typeof one === 'string') : [];
  if (values.length === 0 || values.length > 10_000 || !values.every((value) => value.isWellFormed()))
    return refuse(keyword, 'has to list 1 to 10000 texts.');
  const list = [...new Set(values)].map(literal).join(', ');
  return { builder: 'enumeration', code: `enumeration([${list}])`, used: ['type', 'enum', 'const'] };
}

/** Formats are notes to JSON Schema, and checks to a stream: that is said. */
function byFormat({ schema, note }: FieldSchema): Reading | null {
  const told = (what: string, takes: 'less' | 'both' = 'less'): void =>
    note('format', takes, `is checked, not only noted: ${what}.`);
  switch (schema['format']) {
    case 'date-time':
      told(
        "'YYYY-MM-DDTHH:MM:SS[.fraction]Z' in UTC, with at most three digits of a second; whole milliseconds too",
        'both',
      );
      return { builder: 'instant', code: "instant('ms')", used: ['type', 'format'] };
    case 'date':
      told("'YYYY-MM-DD', a day that there is");
      return { builder: 'date', code: 'date()', used: ['type', 'format'] };
    case 'uuid':
      told('8-4-4-4-12 hex digits, kept in small letters');
      return { builder: 'uuid', code: 'uuid()', used: ['type', 'format'] };
    case undefined:
      return null;
    default:
      note('format', 'more', `'${String(schema['format'])}' is not checked: the field takes any text.`);
      return null;
  }
}

/** The call that sets it; null when it is refused. */
function maxLength({ schema, refuse, note }: FieldSchema): string | null {
  const { maxLength: most, minLength: least = 0 } = schema;
  if (least !== 0) return refuse('minLength', 'can not be held: a text may be empty. Say it by a pattern.');
  if (most === undefined) {
    note(
      'maxLength',
      'less',
      `is not there: texts of more than ${usual} characters are rejected. Set it, up to ${longest}.`,
    );
    return '';
  }
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 1 || most > longest)
    return refuse('maxLength', `is no whole number from 1 to ${longest}.`);
  return most === usual ? '' : `.maxLength(${most})`;
}

/** The call that sets it; null when it is refused. */
function matches({ schema, own, refuse }: FieldSchema): string | null {
  const { pattern } = schema;
  if (pattern === undefined) return '';
  if (typeof pattern !== 'string') return refuse('pattern', 'is no text.');
  const told = own['matches'];
  if (typeof told === 'string' && pattern === `^(?:${told})$`) return `.matches(${literal(told)})`;
  const whole = /^\^(.*)\$$/s.exec(pattern)?.[1];
  if (whole === undefined || whole.endsWith('\\'))
    return refuse(
      'pattern',
      "looks for a part of the text. A field's pattern takes the whole: begin with ^ and end with $.",
    );
  const group = /^\((?:\?:)?((?:[^()\\]|\\.)*)\)$/s.exec(whole)?.[1];
  const inner = (group ?? whole).replaceAll('(?:', '(');
  if (group === undefined && hasTopLevelChoice(whole))
    return refuse('pattern', 'has alternatives of which only one is anchored. Put them into a group: ^(a|b)$.');
  const compiled = compilePattern(inner);
  if (typeof compiled === 'string') return refuse('pattern', `is beyond the patterns of a field: ${compiled}.`);
  return `.matches(${literal(inner)})`;
}

/** Is there a `|` outside of groups and classes? */
function hasTopLevelChoice(pattern: string): boolean {
  const outside = pattern.replace(/\\./gs, '').replace(/\[[^\]]*\]/gs, '');
  let depth = 0;
  for (const sign of outside) {
    if (sign === '(') depth++;
    else if (sign === ')') depth--;
    else if (sign === '|' && depth === 0) return true;
  }
  return false;
}

/** Only base64, and only as `toJsonSchema` says it: a length in characters is none in bytes. */
function importBytes({ schema, own, refuse, note }: FieldSchema): Reading | null {
  if (schema['contentEncoding'] !== 'base64') return refuse('contentEncoding', "is not 'base64'.");
  const { maxLength: characters, pattern } = schema;
  const ours = own['kind'] === 'bytes';
  if (pattern !== undefined && !ours) return refuse('pattern', 'stands beside bytes, whose form is settled.');
  if (!ours) note('contentEncoding', 'less', 'is checked, not only noted: base64 with its padding.');
  if (characters === undefined) {
    note('maxLength', 'less', 'is not there: more than 1024 bytes are rejected.');
    return { builder: 'bytes', code: 'bytes()', used: ['type', 'contentEncoding'] };
  }
  const most = ours ? own['maxLength'] : typeof characters === 'number' ? Math.floor(characters / 4) * 3 : null;
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 1 || most > longest)
    return refuse('maxLength', `leaves room for no number of bytes from 1 to ${longest}.`);
  const length = most === usual ? '' : `.maxLength(${most})`;
  const used = ['type', 'contentEncoding', 'maxLength', 'pattern'];
  return { builder: 'bytes', code: `bytes()${length}`, used };
}
