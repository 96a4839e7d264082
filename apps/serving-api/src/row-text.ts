import { GraphQLFloat, GraphQLScalarType } from 'graphql';
import type { RowColumn } from './row-shape.ts';
import { dateTimeScalar, isoText } from './scalars.ts';

/** A list of rows as JSON. Wherever it is not spliced as it is, it becomes the rows again. */
export class RowText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** A value that its type does not take: the answer is made without texts, and says what is wrong. */
export class NotPlain extends Error {
  override readonly name = 'NotPlain';
}

export const rowTextScalar = new GraphQLScalarType<RowText, RowText>({
  name: 'RowText',
  serialize: (value) => {
    if (value instanceof RowText) return value;
    throw new NotPlain('these are no rows');
  },
});

/**
 * Rows as the JSON that GraphQL gives for them. Throws `NotPlain`.
 * @param valuesOf by column, the value of row i in the form that resolvers give
 */
export function writeRows(
  columns: readonly RowColumn[],
  rows: Int32Array,
  valuesOf: (name: string) => (row: number) => unknown,
): string {
  const writers = columns.map((column) => memberWriter(column, valuesOf(column.name)));
  const texts: string[] = [];
  for (const row of rows) {
    let text = '';
    for (const write of writers) text += (text === '' ? '' : ',') + write(row);
    texts.push(text);
  }
  // Joined, because a text that was added up is put together anew each time it is sent.
  return texts.length === 0 ? '[]' : ['[{', texts.join('},{'), '}]'].join('');
}

/** The last instant of JavaScript, milliseconds since 1970. */
const MAX_INSTANT_MS = 8.64e15;

/** Writes a column's member of a row. Most are floats and instants: these need no look at the type each time. */
function memberWriter(column: RowColumn, valueOf: (row: number) => unknown): (row: number) => string {
  const { prefix, type } = column;
  const plain = type === GraphQLFloat ? String : type === dateTimeScalar ? (ms: number) => `"${isoText(ms)}"` : null;
  if (plain === null) return (row) => prefix + valueText(column, valueOf(row));
  const most = type === GraphQLFloat ? Number.MAX_VALUE : MAX_INSTANT_MS;
  return (row) => {
    const value = valueOf(row);
    return prefix + (typeof value === 'number' && Math.abs(value) <= most ? plain(value) : valueText(column, value));
  };
}

function valueText({ name, type, nullable }: RowColumn, value: unknown): string {
  if (value === null || value === undefined) {
    if (nullable) return 'null';
    throw new NotPlain(`${name} is missing`);
  }
  const given = serialized(type, value);
  if (typeof given === 'string') return JSON.stringify(given);
  if (typeof given === 'boolean' || (typeof given === 'number' && Number.isFinite(given))) return String(given);
  throw new NotPlain(`${name} is no value of JSON`);
}

function serialized(type: RowColumn['type'], value: unknown): unknown {
  try {
    return type.serialize(value);
  } catch (error) {
    throw new NotPlain(error instanceof Error ? error.message : String(error));
  }
}
