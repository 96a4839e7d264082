import type { Columns } from './columns.ts';
import type { Stream } from './stream.ts';

/** An event's id as one text, from the columns. */
export function createIdReader(stream: Stream): (columns: Columns, row: number) => string {
  const places = stream.id.map((name) => stream.fields.findIndex((field) => field.name === name));
  return (columns, row) =>
    JSON.stringify(
      places.map((place) => {
        const column = columns.fields[place];
        if (column === undefined) return null;
        if (column.kind === 'number') return column.valid[row] === 1 ? (column.values[row] ?? null) : null;
        const text = column.ids[row] ?? -1;
        return text < 0 ? null : column.dictionary.text(text);
      }),
    );
}
