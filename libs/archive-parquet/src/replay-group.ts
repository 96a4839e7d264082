import { recordsBetween } from '@twofold/archive';
import type { OriginalRecords } from '@twofold/archive';
import type { Column, Columns, RecordBatch, Stream } from '@twofold/schemas';
import { fieldColumn, physical } from '@twofold/views';
import { integers, nullableIntegers, originalRecords, rejectionsOf, texts } from './group-values.ts';
import type { GroupColumns } from './parquet-file-reader.ts';
import { isText } from './parquet-schema.ts';
import type { TextInterner } from './text-interner.ts';

/** Rows of a file as a log's batch and a decoder's columns: what an ArchiveWriter takes. */
export interface ReplayedRows {
  readonly batch: RecordBatch;
  readonly columns: Columns;
}

/** A row group as rows to append again. Bytes that were not kept become nulls. */
export function replayGroup(
  stream: Stream,
  group: GroupColumns,
  rows: number,
  at: { readonly partition: number; readonly from: number; readonly to: number },
  interner: TextInterner,
): ReplayedRows {
  const original = originalRecords(group, at.partition, rows, true);
  const batch = recordsBetween(original, at.from, at.to);
  return { batch, columns: columnsOf(stream, group, rows, original, at, interner) };
}

function columnsOf(
  stream: Stream,
  group: GroupColumns,
  rows: number,
  original: OriginalRecords,
  at: { readonly partition: number; readonly from: number; readonly to: number },
  interner: TextInterner,
): Columns {
  const fields = stream.fields.map((field): Column => {
    const name = fieldColumn(field.name);
    if (!isText(field.type)) return { kind: 'number', ...nullableIntegers(group, name, rows) };
    const values = texts(group, name, rows);
    const ids = Int32Array.from(values, (text) => (text === null ? -1 : interner.internText(text)));
    return { kind: 'text', ids, dictionary: interner };
  });
  return {
    partition: at.partition,
    baseOffset: at.from,
    nextOffset: at.to,
    count: rows,
    offsets: Float64Array.from(original.offsets),
    times: Float64Array.from(original.logTimes),
    classes: Uint8Array.from(integers(group, physical.class, rows)),
    eventTimes: integers(group, physical.eventTime, rows),
    fields,
    rejections: rejectionsOf(group, rows, 0),
  };
}
