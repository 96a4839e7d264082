import type { ArchivedColumns, ArchivedField, EventTimes } from '@twofold/archive';
import type { Rejection, Stream } from '@twofold/schemas';
import type { Fs } from '@twofold/service';
import { fieldColumn, physical } from '@twofold/views';
import { integers, nullableIntegers, rejectionsOf, texts } from './group-values.ts';
import type { CheckedFile, GroupColumns } from './parquet-file-reader.ts';
import { groupRanges, readGroup } from './parquet-file-reader.ts';
import { fileColumns, isText } from './parquet-schema.ts';

/** All typed rows of a file, group after group. */
export function readArchivedColumns(fs: Fs, stream: Stream, checked: CheckedFile): Promise<ArchivedColumns> {
  const groups = [...checked.metadata.row_groups.keys()];
  return readGroups(fs, stream, checked, groups, Number(checked.metadata.num_rows));
}

/** The same, a row group at a time: of those that may hold events of these times. */
export async function* archivedBatches(
  fs: Fs,
  stream: Stream,
  checked: CheckedFile,
  within: EventTimes | null,
): AsyncGenerator<ArchivedColumns> {
  for (const { group, rows } of touchedGroups(checked, within))
    yield await readGroups(fs, stream, checked, [group], rows);
}

/** The row groups whose lowest and highest event time, as the footer has them, say that there may be some of these. */
export function touchedGroups(
  checked: CheckedFile,
  within: EventTimes | null,
): readonly { readonly group: number; readonly rows: number }[] {
  const times = groupRanges(checked, physical.eventTime);
  return checked.metadata.row_groups
    .map(({ num_rows }, group) => ({ group, rows: Number(num_rows) }))
    .filter(({ group }) => {
      const { min, max } = times[group] ?? { min: -Infinity, max: Infinity };
      return within === null || (max >= within.from && min < within.to);
    });
}

async function readGroups(
  fs: Fs,
  stream: Stream,
  checked: CheckedFile,
  groups: readonly number[],
  count: number,
): Promise<ArchivedColumns> {
  const skipped: readonly string[] = [physical.partition, physical.key, physical.value];
  const names = fileColumns(stream)
    .map(({ name }) => name)
    .filter((name) => !skipped.includes(name));
  const offsets = new Float64Array(count);
  const logTimes = new Float64Array(count);
  const classes = new Uint8Array(count);
  const eventTimes = new Float64Array(count);
  const fields = stream.fields.map(({ type }) => emptyField(isText(type), count));
  const rejections: Rejection[] = [];
  let row = 0;
  for (const i of groups) {
    const rows = Number(checked.metadata.row_groups[i]?.num_rows ?? 0n);
    const group = await readGroup(fs, checked, i, names);
    offsets.set(integers(group, physical.offset, rows), row);
    logTimes.set(integers(group, physical.logTime, rows), row);
    classes.set(integers(group, physical.class, rows), row);
    setEventTimes(eventTimes, group, rows, row);
    fields.forEach((field, f) => setField(field, group, fieldColumn(stream.fields[f]?.name ?? ''), rows, row));
    rejections.push(...rejectionsOf(group, rows, row));
    row += rows;
  }
  const { partition, from, to } = checked.file;
  return { partition, from, to, count, offsets, logTimes, classes, eventTimes, fields, rejections };
}

type FieldRows =
  Exclude<ArchivedField, { kind: 'text' }> | { readonly kind: 'text'; readonly values: (string | null)[] };

function emptyField(text: boolean, count: number): FieldRows {
  if (text) return { kind: 'text', values: new Array<string | null>(count).fill(null) };
  return { kind: 'number', values: new Float64Array(count), valid: new Uint8Array(count) };
}

function setField(field: FieldRows, group: GroupColumns, name: string, rows: number, at: number): void {
  if (field.kind === 'text') {
    texts(group, name, rows).forEach((text, i) => (field.values[at + i] = text));
    return;
  }
  const { values, valid } = nullableIntegers(group, name, rows);
  field.values.set(values, at);
  field.valid.set(valid, at);
}

function setEventTimes(eventTimes: Float64Array, group: GroupColumns, rows: number, at: number): void {
  const { values, valid } = nullableIntegers(group, physical.eventTime, rows);
  for (let i = 0; i < rows; i++) eventTimes[at + i] = valid[i] === 1 ? (values[i] ?? 0) : NaN;
}
