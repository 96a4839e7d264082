import type { ShownEvent } from '@twofold/corrections';
import type { Columns, Field, Stream } from '@twofold/schemas';
import { fieldValue } from './field-value.ts';

/** A row for people: values in the field's own units. */
export function shownEvent(stream: Stream, source: number | null, columns: Columns, row: number): ShownEvent {
  const fields = stream.fields.map((field, place) => [field.name, shownValue(field, columns, place, row)] as const);
  return {
    source,
    offset: columns.offsets[row] ?? 0,
    eventTime: columns.eventTimes[row] ?? 0,
    fields: Object.fromEntries(fields),
  };
}

function shownValue(field: Field, columns: Columns, place: number, row: number): string | number | boolean | null {
  const value = fieldValue(field, columns, place, row);
  const { type } = field;
  if (typeof value !== 'number') return value;
  if (type.kind === 'date') return new Date(value * 86_400_000).toISOString().slice(0, 10);
  if (type.kind !== 'instant') return value;
  return new Date(type.unit === 's' ? value * 1_000 : type.unit === 'ms' ? value : value / 1_000).toISOString();
}
