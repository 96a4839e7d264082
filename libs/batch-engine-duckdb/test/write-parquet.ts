import { DuckDBInstance, DuckDBTypeId, BIGINT, INTEGER, VARCHAR, type DuckDBType } from '@duckdb/node-api';
import type { ArchivedColumns } from '@twofold/archive';
import { archivedColumnsOf, type EventFile } from '@twofold/batch-engine/testing';
import type { Stream } from '@twofold/schemas';
import { fieldColumn, physical } from '@twofold/views';
import { sqlName, sqlText } from '../src/sql-text.ts';

interface PhysicalColumn {
  readonly name: string;
  readonly type: DuckDBType;
  readonly values: readonly (number | string | null)[];
}

/** Writes a file with the archive's physical columns, by DuckDB itself. */
export async function writeParquet(path: string, stream: Stream, file: EventFile): Promise<void> {
  const columns = physicalColumns(stream, archivedColumnsOf(stream, file));
  const connection = await (await DuckDBInstance.fromCache(':memory:')).connect();
  try {
    const definitions = columns.map(({ name, type }) => `${sqlName(name)} ${type.toString()}`);
    await connection.run(`create or replace temp table rows_to_write (${definitions.join(', ')})`);
    const appender = await connection.createAppender('rows_to_write');
    for (let row = 0; row < file.events.length; row++) {
      for (const { type, values } of columns) {
        const value = values[row] ?? null;
        if (value === null) appender.appendNull();
        else if (typeof value === 'string') appender.appendVarchar(value);
        else if (type.typeId === DuckDBTypeId.INTEGER) appender.appendInteger(value);
        else appender.appendBigInt(BigInt(value));
      }
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(`copy rows_to_write to ${sqlText(path)} (format parquet)`);
  } finally {
    connection.closeSync();
  }
}

function physicalColumns(stream: Stream, columns: ArchivedColumns): PhysicalColumn[] {
  const orNull = (values: Float64Array): (number | null)[] => Array.from(values, (v) => (Number.isNaN(v) ? null : v));
  return [
    { name: physical.partition, type: INTEGER, values: Array.from(columns.offsets, () => columns.partition) },
    { name: physical.offset, type: BIGINT, values: [...columns.offsets] },
    { name: physical.logTime, type: BIGINT, values: [...columns.logTimes] },
    { name: physical.class, type: INTEGER, values: [...columns.classes] },
    { name: physical.eventTime, type: BIGINT, values: orNull(columns.eventTimes) },
    ...stream.fields.map((field, index): PhysicalColumn => {
      const name = fieldColumn(field.name);
      const column = columns.fields[index];
      if (column === undefined || column.kind === 'text') return { name, type: VARCHAR, values: column?.values ?? [] };
      return {
        name,
        type: BIGINT,
        values: Array.from(column.values, (v, row) => (column.valid[row] === 1 ? v : null)),
      };
    }),
  ];
}
