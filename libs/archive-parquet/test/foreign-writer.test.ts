import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@twofold/archive';
import type { ArchiveFile } from '@twofold/archive';
import { describeArchived, describeBatch, describeColumns, machineStream, makeRows } from '@twofold/archive/testing';
import type { Rows } from '@twofold/archive/testing';
import { parquetMetadataAsync } from 'hyparquet';
import { asyncBufferFromFile } from 'hyparquet/src/node.js';
import { readOffsetIndex } from 'hyparquet/src/indexes.js';
import { ParquetReader, ParquetSchema, ParquetWriter } from 'parquetjs-lite';
import type { ParquetField } from 'parquetjs-lite';
import { describe, expect, it } from 'vitest';
import { fileColumns, fileKeys } from '../src/parquet-schema.ts';
import { duckdbRows } from './duckdb-rows.ts';
import { withArchive } from './temporary-archive.ts';

/** The archive's columns in parquetjs-lite's words. */
function foreignSchema(): ParquetSchema {
  const types = { int32: 'INT32', int64: 'INT64', text: 'UTF8', bytes: 'BYTE_ARRAY' } as const;
  const fields: Record<string, ParquetField> = {};
  for (const { name, storage, nullable } of fileColumns(machineStream)) {
    fields[name] = { type: types[storage], optional: nullable, compression: 'SNAPPY' };
  }
  return new ParquetSchema(fields);
}

/** The rows as another writer's file: PLAIN values, many small version 2 pages, Snappy, no offset index. */
async function writeForeign(path: string, { batch, columns }: Rows): Promise<void> {
  const writer = await ParquetWriter.openFile(foreignSchema(), path, { pageIndex: false, pageSize: 100 });
  const facts = {
    [fileKeys.format]: '1',
    [fileKeys.stream]: machineStream.name,
    [fileKeys.fingerprint]: machineStream.fingerprint,
    [fileKeys.bytes]: 'all',
  };
  for (const [key, value] of Object.entries(facts)) writer.setMetadata(key, value);
  const names = fileColumns(machineStream).map(({ name }) => name);
  const described = describeColumns(columns) as {
    offset: number;
    logTime: number;
    cls: number;
    eventTime: number | null;
    fields: unknown[];
    rejection: unknown[] | null;
  }[];
  for (const [row, { offset, logTime, cls, eventTime, fields, rejection }] of described.entries()) {
    const blob = (starts: Int32Array, ends: Int32Array): Buffer | null =>
      (starts[row] ?? -1) < 0 ? null : Buffer.from(batch.bytes.subarray(starts[row], ends[row]));
    const values = [
      columns.partition,
      offset,
      logTime,
      cls,
      eventTime,
      ...fields,
      ...(rejection ?? [null, null, null]),
      blob(batch.keyStarts, batch.keyEnds),
      blob(batch.valueStarts, batch.valueEnds),
    ];
    await writer.appendRow(Object.fromEntries(names.map((name, i) => [name, values[i]])));
  }
  await writer.close();
}

/** parquetjs-lite stores 2^53 and above wrongly or not at all, so this test stays below. */
function smallerRows(seed: number): Rows {
  const rows = makeRows(seed, 0, 0, 800);
  for (const field of rows.columns.fields) {
    if (field.kind === 'number')
      field.values.forEach((value, i) => (field.values[i] = Math.abs(value) >= 2 ** 52 ? 7 : value));
  }
  return rows;
}

describe('files of an independent writer (parquetjs-lite)', () => {
  it('are read by the archive and by DuckDB as they were meant', async () => {
    await withArchive({}, async ({ archive, directory }) => {
      const rows = smallerRows(1);
      const name = 'foreign.parquet';
      await writeForeign(join(directory, name), rows);
      const bytes = await readFile(join(directory, name));
      const file: ArchiveFile = {
        name,
        partition: 0,
        from: 0,
        to: 800,
        records: rows.columns.count,
        byteLength: (await stat(join(directory, name))).size,
        sha256: sha256(bytes),
        minEventTime: null,
        maxEventTime: null,
        counts: { applied: 0, duplicate: 0, rejected: 0, control: 0 },
        slices: [],
      };
      expect(describeArchived(await archive.readColumns(machineStream, file))).toEqual(describeColumns(rows.columns));
      expect(describeBatch(await archive.read(machineStream, file, 0, 800))).toEqual(describeBatch(rows.batch));
      const [[count, loads]] = (await duckdbRows(`select count(*), sum(f_load) from '${archive.locate(file)}'`)) as [
        [bigint, string],
      ];
      const expected = (describeColumns(rows.columns) as { fields: (number | null)[] }[]).reduce(
        (sum, { fields }) => sum + Number(fields[2] ?? 0),
        0,
      );
      expect([Number(count), Number(loads)]).toEqual([rows.columns.count, expected]);
    });
  });
});

describe('why parquetjs-lite 0.8.7 is neither our writer nor our reader', () => {
  it('does not open its own file when it holds a timestamp', async () => {
    await withArchive({}, async ({ directory }) => {
      const path = join(directory, 'timestamp.parquet');
      const writer = await ParquetWriter.openFile(new ParquetSchema({ at: { type: 'TIMESTAMP_MILLIS' } }), path, {
        pageIndex: false,
      });
      await writer.appendRow({ at: new Date(1_700_000_000_000) });
      await writer.close();
      await expect(readFirst(path)).rejects.toThrow();
      expect(await duckdbRows(`select epoch_ms("at") from '${path}'`)).toEqual([[1_700_000_000_000n]]);
    });
  });

  it('reads a dictionary of doubles as texts, without a word', async () => {
    await withArchive({}, async ({ directory }) => {
      const path = join(directory, 'doubles.parquet');
      await duckdbRows(
        `copy (select (i % 3 + 0.5)::double as v from range(1000) t(i)) to '${path}' (format parquet, compression snappy)`,
      );
      const { v } = await readFirst(path);
      expect([typeof v, v]).toEqual(['string', '0.5']);
    });
  });

  it('writes an offset index whose later pages start at row 0 again', async () => {
    await withArchive({}, async ({ directory }) => {
      const path = join(directory, 'index.parquet');
      const writer = await ParquetWriter.openFile(new ParquetSchema({ v: { type: 'INT64' } }), path, { pageSize: 100 });
      for (let v = 0; v < 500; v++) await writer.appendRow({ v });
      await writer.close();
      const buffer = await asyncBufferFromFile(path);
      const [chunk] = (await parquetMetadataAsync(buffer)).row_groups[0]?.columns ?? [];
      const start = Number(chunk?.offset_index_offset);
      const index = await buffer.slice(start, start + Number(chunk?.offset_index_length));
      const pages = readOffsetIndex({ view: new DataView(index), offset: 0 }).page_locations;
      expect(pages.length).toBeGreaterThan(1);
      // Every page but the first begins at a later row; readers that trust the index refuse the file.
      expect(pages.slice(1).map(({ first_row_index }) => Number(first_row_index))).toContain(0);
    });
  });
});

async function readFirst(path: string): Promise<Readonly<Record<string, unknown>>> {
  const reader = await ParquetReader.openFile(path);
  const row = await reader.getCursor().next();
  await reader.close();
  if (row === null) throw new RangeError('no row');
  return row;
}
