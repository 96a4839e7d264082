import { isTextKind, type Column, type Columns, type RecordBatch, type Rejection, type Stream } from '@twofold/schemas';
import { RecordClass } from '@twofold/schemas';
import type { ArchivedColumns, ArchivedField } from './archived-columns.ts';
import { ArchiveError } from './errors.ts';
import type { FileContent } from './file-content.ts';

type Blobs = (Uint8Array | null | undefined)[];
type FieldRows = { kind: 'number'; values: number[]; valid: number[] } | { kind: 'text'; values: (string | null)[] };

/** Collects rows as values. For files that stay small: the simulator's and the tests'. */
export interface ContentBuilder {
  append(batch: RecordBatch, columns: Columns, fromRow: number, toRow: number): void;
  build(to: number): FileContent;
}

export function createContentBuilder(
  stream: Stream,
  partition: number,
  from: number,
  bytesKept: boolean,
): ContentBuilder {
  const offsets: number[] = [];
  const logTimes: number[] = [];
  const classes: number[] = [];
  const eventTimes: number[] = [];
  const rejections: Rejection[] = [];
  const keys: Blobs = [];
  const values: Blobs = [];
  const fields: FieldRows[] = stream.fields.map(({ type }) =>
    isTextKind(type.kind) ? { kind: 'text', values: [] } : { kind: 'number', values: [], valid: [] },
  );

  function appendRow(batch: RecordBatch, columns: Columns, row: number): void {
    const rejected = columns.classes[row] === RecordClass.rejected;
    offsets.push(columns.offsets[row] ?? 0);
    logTimes.push(columns.times[row] ?? 0);
    classes.push(columns.classes[row] ?? 0);
    eventTimes.push(rejected ? NaN : (columns.eventTimes[row] ?? 0));
    fields.forEach((field, i) => appendField(field, columns.fields[i], rejected ? -1 : row));
    const kept = bytesKept || rejected;
    keys.push(kept ? slice(batch.bytes, batch.keyStarts[row] ?? -1, batch.keyEnds[row] ?? 0) : undefined);
    values.push(kept ? slice(batch.bytes, batch.valueStarts[row] ?? -1, batch.valueEnds[row] ?? 0) : undefined);
  }

  return {
    append(batch, columns, fromRow, toRow) {
      const firstRow = offsets.length - fromRow;
      for (let row = fromRow; row < toRow; row++) appendRow(batch, columns, row);
      for (const rejection of columns.rejections) {
        if (rejection.row >= fromRow && rejection.row < toRow)
          rejections.push({ ...rejection, row: firstRow + rejection.row });
      }
    },
    build(to) {
      const columns: ArchivedColumns = {
        partition,
        from,
        to,
        count: offsets.length,
        offsets: Float64Array.from(offsets),
        logTimes: Float64Array.from(logTimes),
        classes: Uint8Array.from(classes),
        eventTimes: Float64Array.from(eventTimes),
        fields: fields.map((field): ArchivedField =>
          field.kind === 'text'
            ? { kind: 'text', values: [...field.values] }
            : { kind: 'number', values: Float64Array.from(field.values), valid: Uint8Array.from(field.valid) },
        ),
        rejections: [...rejections],
      };
      return {
        stream: stream.name,
        fingerprint: stream.fingerprint,
        bytesKept,
        columns,
        keys: [...keys],
        values: [...values],
      };
    },
  };
}

/** Neighbouring files' content as one file's. */
export function mergeContents(contents: readonly FileContent[]): FileContent {
  const [first] = contents;
  if (first === undefined)
    throw new ArchiveError('ROWS_OUT_OF_ORDER', 'There are no files to merge; name at least one.');
  let rows = 0;
  const rejections: Rejection[] = [];
  for (const { columns } of contents) {
    for (const rejection of columns.rejections) rejections.push({ ...rejection, row: rows + rejection.row });
    rows += columns.count;
  }
  const all = contents.map((content) => content.columns);
  const floats = (pick: (columns: ArchivedColumns) => Float64Array): Float64Array =>
    Float64Array.from(all.flatMap((columns) => [...pick(columns)]));
  const columns: ArchivedColumns = {
    partition: first.columns.partition,
    from: first.columns.from,
    to: all[all.length - 1]?.to ?? first.columns.to,
    count: rows,
    offsets: floats((part) => part.offsets),
    logTimes: floats((part) => part.logTimes),
    classes: Uint8Array.from(all.flatMap((part) => [...part.classes])),
    eventTimes: floats((part) => part.eventTimes),
    fields: first.columns.fields.map((_, i) => mergeField(all.flatMap((part) => part.fields[i] ?? []))),
    rejections,
  };
  return {
    ...first,
    bytesKept: contents.every((content) => content.bytesKept),
    columns,
    keys: contents.flatMap((content) => content.keys),
    values: contents.flatMap((content) => content.values),
  };
}

function mergeField(parts: readonly ArchivedField[]): ArchivedField {
  if (parts[0]?.kind === 'text')
    return { kind: 'text', values: parts.flatMap((part) => (part.kind === 'text' ? part.values : [])) };
  const numbers = parts.filter((part) => part.kind === 'number');
  return {
    kind: 'number',
    values: Float64Array.from(numbers.flatMap((part) => [...part.values])),
    valid: Uint8Array.from(numbers.flatMap((part) => [...part.valid])),
  };
}

/** A row of -1 is null, whatever the column holds. */
function appendField(field: FieldRows, column: Column | undefined, row: number): void {
  if (field.kind === 'text') {
    const id = column?.kind === 'text' && row >= 0 ? (column.ids[row] ?? -1) : -1;
    field.values.push(id >= 0 && column?.kind === 'text' ? column.dictionary.text(id) : null);
    return;
  }
  const valid = column?.kind === 'number' && row >= 0 && column.valid[row] === 1;
  field.values.push(valid && column.kind === 'number' ? (column.values[row] ?? 0) : 0);
  field.valid.push(valid ? 1 : 0);
}

function slice(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  return start < 0 ? null : bytes.slice(start, end);
}
