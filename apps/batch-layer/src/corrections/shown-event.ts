import type { ShownEvent } from '@twofold/corrections';
import type { Columns, Field, Stream } from '@twofold/schemas';

/** A row for people: values in the field's own units. */
export function shownEvent(stream: Stream, source: number, columns: Columns, row: number): ShownEvent {
  const fields = stream.fields.map((field, place) => [field.name, shownValue(field, columns, place, row)] as const);
  return {
    source,
    offset: columns.offsets[row] ?? 0,
    eventTime: columns.eventTimes[row] ?? 0,
    fields: Object.fromEntries(fields),
  };
}

function shownValue({ type }: Field, columns: Columns, place: number, row: number): string | number | boolean | null {
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
    case 'date':
      return new Date(units * 86_400_000).toISOString().slice(0, 10);
    case 'instant':
      return new Date(type.unit === 's' ? units * 1_000 : type.unit === 'ms' ? units : units / 1_000).toISOString();
    default:
      return units;
  }
}
