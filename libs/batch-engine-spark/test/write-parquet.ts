import { writeFileSync } from 'node:fs';
import type { ArchivedColumns } from '@twofold/archive';
import { archivedColumnsOf, type EventFile } from '@twofold/batch-engine/testing';
import type { Stream } from '@twofold/schemas';
import { fieldColumn, physical } from '@twofold/views';
import { parquetWriteBuffer, type BasicType, type ColumnSource } from 'hyparquet-writer';

/** Writes a file with the archive's physical columns. */
export function writeParquet(path: string, stream: Stream, file: EventFile): void {
  const columnData = physicalColumns(stream, archivedColumnsOf(stream, file));
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData })));
}

function physicalColumns(stream: Stream, columns: ArchivedColumns): ColumnSource[] {
  const column = (name: string, type: BasicType, data: unknown[]): ColumnSource => ({
    name,
    type,
    data,
    nullable: true,
  });
  const longs = (values: Iterable<number | null>): (bigint | null)[] =>
    Array.from(values, (value) => (value === null || Number.isNaN(value) ? null : BigInt(value)));
  return [
    column(
      physical.partition,
      'INT32',
      Array.from(columns.offsets, () => columns.partition),
    ),
    column(physical.offset, 'INT64', longs(columns.offsets)),
    column(physical.logTime, 'INT64', longs(columns.logTimes)),
    column(physical.class, 'INT32', [...columns.classes]),
    column(physical.eventTime, 'INT64', longs(columns.eventTimes)),
    ...stream.fields.map((field, index) => {
      const name = fieldColumn(field.name);
      const values = columns.fields[index];
      if (values === undefined || values.kind === 'text') return column(name, 'STRING', [...(values?.values ?? [])]);
      return column(name, 'INT64', longs(Array.from(values.values, (v, row) => (values.valid[row] === 1 ? v : null))));
    }),
  ];
}
