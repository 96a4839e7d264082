import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldColumn, physical } from '@twofold/views';
import type { Columns, RecordBatch } from '@twofold/schemas';
import { describeBatch, describeColumns, machineStream, makeRows, writeFile } from '@twofold/archive/testing';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { asyncBufferFromFile } from 'hyparquet/src/node.js';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { duckdbRows } from './duckdb-rows.ts';
import { withArchive } from './temporary-archive.ts';

const python = process.env['TWOFOLD_PYTHON'] ?? 'python3';
const pyarrow = spawnSync(python, ['-c', 'import pyarrow; print(pyarrow.__version__)'], { encoding: 'utf8' });
const hasPyarrow = pyarrow.status === 0;
if (!hasPyarrow)
  console.warn(`SKIPPED: "pyarrow reads the same rows", because "${python} -c 'import pyarrow'" fails here.`);

const fieldColumns = machineStream.fields.map(({ name }) => fieldColumn(name));
const allColumns = [
  physical.partition,
  physical.offset,
  physical.logTime,
  physical.class,
  physical.eventTime,
  ...fieldColumns,
  physical.rejectionCode,
  physical.rejectionField,
  physical.rejectionDetail,
  physical.key,
  physical.value,
];

/** The rows that a file must hold, one array a row in the order of `allColumns`; integers as text, bytes as hex. */
function expectedRows(partition: number, batch: RecordBatch, columns: Columns): unknown[][] {
  const records = (describeBatch(batch) as { records: [number, number, string | null, string | null][] }).records;
  const rows = describeColumns(columns) as {
    offset: number;
    logTime: number;
    cls: number;
    eventTime: number | null;
    fields: (string | number | null)[];
    rejection: [string, string | null, string] | null;
  }[];
  return rows.map((row, i) =>
    [
      partition,
      row.offset,
      row.logTime,
      row.cls,
      row.eventTime,
      ...row.fields,
      ...(row.rejection ?? [null, null, null]),
      records[i]?.[2],
      records[i]?.[3],
    ].map(plain),
  );
}

function plain(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return String(BigInt(value));
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (value ?? null);
}

const select = (path: string): string => {
  const columns = allColumns.map((name) =>
    name === physical.key || name === physical.value ? `lower(hex("${name}"))` : `"${name}"`,
  );
  return `select ${columns.join(', ')} from '${path}'`;
};

describe('other readers of the archive’s files', () => {
  it(
    'DuckDB reads the same rows, integers to 2^53, nulls and awkward texts included',
    { timeout: 30_000 },
    async () => {
      await withArchive({}, async ({ archive }) => {
        for (const seed of [1, 2, 3]) {
          const { batch, columns } = makeRows(seed, 3, 1000, 3000);
          const file = await writeFile(archive, { batch, columns }, 3);
          const rows = await duckdbRows(select(archive.locate(file)));
          expect(
            rows.map((row) => row.map(plain)),
            `seed ${seed}`,
          ).toEqual(expectedRows(3, batch, columns));
        }
      });
    },
  );

  it('DuckDB sees the types that the compiled SQL counts on', async () => {
    await withArchive({}, async ({ archive }) => {
      const file = await writeFile(archive, makeRows(4, 0, 0, 100));
      const described = await duckdbRows(
        `select column_name, column_type from (describe select * from '${archive.locate(file)}')`,
      );
      expect(Object.fromEntries(described.map(([name, type]) => [String(name), type]))).toEqual({
        partition: 'INTEGER',
        offset: 'BIGINT',
        log_time: 'BIGINT',
        class: 'INTEGER',
        event_time: 'BIGINT',
        f_machine: 'VARCHAR',
        f_at: 'BIGINT',
        f_load: 'BIGINT',
        f_wide: 'BIGINT',
        f_running: 'BIGINT',
        f_state: 'VARCHAR',
        f_note: 'VARCHAR',
        rejection_code: 'VARCHAR',
        rejection_field: 'VARCHAR',
        rejection_detail: 'VARCHAR',
        record_key: 'BLOB',
        record_value: 'BLOB',
      });
    });
  });

  it('DuckDB finds rows by the footers’ bounds as it does without them', async () => {
    await withArchive({}, async ({ archive }) => {
      const { batch, columns } = makeRows(5, 0, 0, 4000);
      const path = archive.locate(await writeFile(archive, { batch, columns }));
      for (const [column, low, high] of [
        ['offset', 100, 200],
        ['event_time', 1_700_000_000_000, 1_700_000_010_000],
        ['f_wide', -5, 2 ** 53],
      ]) {
        const [[pruned]] = (await duckdbRows(
          `select count(*) from '${path}' where "${column}" between ${low} and ${high}`,
        )) as [[bigint]];
        const [[all]] = (await duckdbRows(
          `select count(*) filter (("${column}" + 0) between ${low} and ${high}) from '${path}'`,
        )) as [[bigint]];
        expect(pruned, String(column)).toBe(all);
      }
    });
  });

  it('hyparquet reads the same rows', async () => {
    await withArchive({}, async ({ archive }) => {
      const { batch, columns } = makeRows(6, 1, 50, 2000);
      const file = await asyncBufferFromFile(archive.locate(await writeFile(archive, { batch, columns })));
      const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };
      const rows = await parquetReadObjects({ file, compressors, utf8: false });
      expect(rows.map((row) => allColumns.map((name) => plain(row[name])))).toEqual(expectedRows(1, batch, columns));
      const metadata = await parquetMetadataAsync(file);
      expect(metadata.key_value_metadata?.map(({ key }) => key)).toContain('twofold.format');
    });
  });

  it.skipIf(!hasPyarrow)('pyarrow reads the same rows', async () => {
    await withArchive({}, async ({ archive, directory }) => {
      const { batch, columns } = makeRows(7, 2, 0, 2500);
      const path = archive.locate(await writeFile(archive, { batch, columns }, 2));
      const script = join(directory, 'read.py');
      writeFileSync(
        script,
        `import sys, json, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1], columns=sys.argv[2].split(","))
plain = lambda v: None if v is None else v.hex() if isinstance(v, bytes) else str(v) if isinstance(v, int) else v
print(json.dumps([[plain(v) for v in row.values()] for row in table.to_pylist()]))`,
      );
      const result = spawnSync(python, [script, path, allColumns.join(',')], { encoding: 'utf8', maxBuffer: 1 << 28 });
      expect(result.stderr).toBe('');
      expect(JSON.parse(result.stdout)).toEqual(expectedRows(2, batch, columns));
    });
  });
});
