import type { Columns } from '@twofold/schemas';
import type { ArchivedColumns, ArchivedField } from './archived-columns.ts';
import type { FileContent } from './file-content.ts';

/** A file's content without some of its records. */
export function withoutRows(content: FileContent, isErased: (offset: number) => boolean): FileContent {
  const { columns } = content;
  const kept: number[] = [];
  for (let row = 0; row < columns.count; row++) if (!isErased(columns.offsets[row] ?? -1)) kept.push(row);
  const floats = (of: Float64Array): Float64Array => Float64Array.from(kept, (row) => of[row] ?? 0);
  const bytes = (of: Uint8Array): Uint8Array => Uint8Array.from(kept, (row) => of[row] ?? 0);
  const rowOf = new Map(kept.map((row, now) => [row, now]));
  return {
    ...content,
    columns: {
      ...columns,
      count: kept.length,
      offsets: floats(columns.offsets),
      logTimes: floats(columns.logTimes),
      classes: bytes(columns.classes),
      eventTimes: floats(columns.eventTimes),
      fields: columns.fields.map((field): ArchivedField => {
        if (field.kind === 'text') return { kind: 'text', values: kept.map((row) => field.values[row] ?? null) };
        return { kind: 'number', values: floats(field.values), valid: bytes(field.valid) };
      }),
      rejections: columns.rejections.flatMap((rejection) => {
        const row = rowOf.get(rejection.row);
        return row === undefined ? [] : [{ ...rejection, row }];
      }),
    },
    keys: kept.map((row) => content.keys[row]),
    values: kept.map((row) => content.values[row]),
  };
}

/** As much of archived rows as a ledger counts. */
export function ledgerColumns({
  partition,
  from,
  to,
  count,
  offsets,
  logTimes,
  classes,
  eventTimes,
}: ArchivedColumns): Columns {
  const place = { partition, baseOffset: from, nextOffset: to, count };
  return { ...place, offsets, times: logTimes, classes, eventTimes, fields: [], rejections: [] };
}
