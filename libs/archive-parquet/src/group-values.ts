import type { OriginalRecords } from '@twofold/archive';
import type { Rejection, RejectionCode } from '@twofold/schemas';
import { RecordClass } from '@twofold/schemas';
import { physical } from '@twofold/views';
import type { GroupColumns } from './parquet-file-reader.ts';

/** The columns that `originalRecords` needs. */
export const originalColumns = [physical.offset, physical.logTime, physical.class, physical.key, physical.value];

/** Exact integers, all present. They are within 2^53, so nothing is lost. */
export function integers(group: GroupColumns, name: string, rows: number): Float64Array {
  const source = group.get(name) ?? [];
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) values[row] = Number(source[row] ?? 0);
  return values;
}

/** Exact integers with their presence; 0 where absent. */
export function nullableIntegers(
  group: GroupColumns,
  name: string,
  rows: number,
): { values: Float64Array; valid: Uint8Array } {
  const source = group.get(name) ?? [];
  const values = new Float64Array(rows);
  const valid = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = source[row];
    if (value === null || value === undefined) continue;
    values[row] = Number(value);
    valid[row] = 1;
  }
  return { values, valid };
}

export function texts(group: GroupColumns, name: string, rows: number): (string | null)[] {
  const source = group.get(name) ?? [];
  return Array.from({ length: rows }, (_, row) => {
    const value = source[row];
    return typeof value === 'string' ? value : null;
  });
}

function byteStrings(group: GroupColumns, name: string, rows: number): (Uint8Array | null)[] {
  const source = group.get(name) ?? [];
  return Array.from({ length: rows }, (_, row) => {
    const value = source[row];
    return value instanceof Uint8Array ? value : null;
  });
}

/** Records as they were. Where only rejected records kept their bytes, the others' are undefined, not null. */
export function originalRecords(
  group: GroupColumns,
  partition: number,
  rows: number,
  allBytes: boolean,
): OriginalRecords {
  const classes = integers(group, physical.class, rows);
  const keys: (Uint8Array | null | undefined)[] = byteStrings(group, physical.key, rows);
  const values: (Uint8Array | null | undefined)[] = byteStrings(group, physical.value, rows);
  if (!allBytes) {
    for (let row = 0; row < rows; row++) {
      // A record with a null value is always rejected, so a value that is there was kept, and its key with it.
      if (classes[row] !== RecordClass.rejected && values[row] === null) keys[row] = values[row] = undefined;
    }
  }
  return {
    partition,
    offsets: integers(group, physical.offset, rows),
    logTimes: integers(group, physical.logTime, rows),
    keys,
    values,
  };
}

/** The rejections of a group; `firstRow` is the group's first row in the file. */
export function rejectionsOf(group: GroupColumns, rows: number, firstRow: number): Rejection[] {
  const rejections: Rejection[] = [];
  const offsets = group.get(physical.offset) ?? [];
  const codes = group.get(physical.rejectionCode) ?? [];
  const fields = group.get(physical.rejectionField) ?? [];
  const details = group.get(physical.rejectionDetail) ?? [];
  for (let row = 0; row < rows; row++) {
    const code = codes[row];
    if (typeof code !== 'string') continue;
    const field = fields[row];
    const detail = details[row];
    rejections.push({
      row: firstRow + row,
      offset: Number(offsets[row]),
      // The writer stores nothing but these codes.
      code: code as RejectionCode,
      field: typeof field === 'string' ? field : null,
      detail: typeof detail === 'string' ? detail : '',
    });
  }
  return rejections;
}
