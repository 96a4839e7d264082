import type { Columns, Field } from '@twofold/schemas';

/** A field of a row in its own units, dates and instants in those of the column; null where there is none. */
export function fieldValue(
  { type }: Field,
  columns: Columns,
  place: number,
  row: number,
): string | number | boolean | null {
  const column = columns.fields[place];
  if (column === undefined) return null;
  if (column.kind === 'text') {
    const text = column.ids[row] ?? -1;
    return text < 0 ? null : column.dictionary.text(text);
  }
  if (column.valid[row] !== 1) return null;
  const units = column.values[row] ?? 0;
  switch (type.kind) {
    case 'boolean':
      return units === 1;
    case 'decimal':
      return Number((units / 10 ** type.scale).toFixed(type.scale));
    case 'float':
      return units * type.quantum;
    default:
      return units;
  }
}
