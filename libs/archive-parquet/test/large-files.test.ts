import type { Column, Columns, RecordBatch } from '@twofold/schemas';
import { machineStream, makeRows } from '@twofold/archive/testing';
import { parquetMetadataAsync } from 'hyparquet';
import { asyncBufferFromFile } from 'hyparquet/src/node.js';
import { describe, expect, it } from 'vitest';
import { duckdbRows } from './duckdb-rows.ts';
import { withArchive } from './temporary-archive.ts';

/** A batch of applied rows whose values are functions of their offset; every value is `size` bytes. */
function plainRows(from: number, count: number, size: number): { batch: RecordBatch; columns: Columns } {
  const { columns: shape } = makeRows(1, 0, 0, 1, 0);
  const offsets = Float64Array.from({ length: count }, (_, i) => from + i);
  const bytes = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) bytes.fill((from + i) % 251, i * size, (i + 1) * size);
  const starts = Int32Array.from({ length: count }, (_, i) => i * size);
  const ends = Int32Array.from({ length: count }, (_, i) => (i + 1) * size);
  const none = new Int32Array(count).fill(-1);
  const fields = shape.fields.map((column): Column =>
    column.kind === 'text'
      ? { ...column, ids: new Int32Array(count).fill(0) }
      : { kind: 'number', values: offsets.slice(), valid: new Uint8Array(count).fill(1) },
  );
  const columns: Columns = {
    partition: 0,
    baseOffset: from,
    nextOffset: from + count,
    count,
    offsets,
    times: offsets.slice(),
    classes: new Uint8Array(count),
    eventTimes: offsets.slice(),
    fields,
    rejections: [],
  };
  const batch = {
    partition: 0,
    baseOffset: from,
    nextOffset: from + count,
    count,
    bytes,
    offsets,
    times: offsets,
    keyStarts: none,
    keyEnds: none,
    valueStarts: starts,
    valueEnds: ends,
  };
  return { batch, columns };
}

async function groupSizes(path: string): Promise<number[]> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return metadata.row_groups.map(({ num_rows }) => Number(num_rows));
}

describe('large files', () => {
  it('are written in bounded row groups, by rows and by bytes', { timeout: 30_000 }, async () => {
    await withArchive({}, async ({ archive }) => {
      const many = archive.create(machineStream, 0, 0);
      const { batch, columns } = plainRows(0, 150_000, 3);
      many.append(batch, columns, 0, columns.count, columns.nextOffset);
      const file = await many.finish();
      expect(await groupSizes(archive.locate(file))).toEqual([65_536, 65_536, 18_928]);
      const wide = archive.create(machineStream, 0, 0);
      const heavy = plainRows(0, 3000, 4000);
      wide.append(heavy.batch, heavy.columns, 0, 3000, 3000);
      expect((await groupSizes(archive.locate(await wide.finish()))).length).toBe(3);
    });
  });

  it('give back any range, also over the edges of row groups', { timeout: 30_000 }, async () => {
    await withArchive({}, async ({ archive, reopen }) => {
      const writer = archive.create(machineStream, 0, 500);
      for (let from = 500; from < 150_500; from += 10_000) {
        const { batch, columns } = plainRows(from, 10_000, 5);
        writer.append(batch, columns, 0, columns.count, columns.nextOffset);
      }
      const file = await writer.finish();
      const reader = reopen();
      for (const [from, to] of [
        [500, 510],
        [66_030, 66_040],
        [66_035, 66_037],
        [131_571, 131_573],
        [60_000, 140_000],
        [150_490, 999_999],
      ] as const) {
        const batch = await reader.read(machineStream, file, from, to);
        const end = Math.min(to, 150_500);
        expect([batch.baseOffset, batch.nextOffset, batch.count]).toEqual([from, end, end - from]);
        for (let i = 0; i < batch.count; i += 97) {
          expect(batch.offsets[i]).toBe(from + i);
          expect([...batch.bytes.subarray(batch.valueStarts[i], batch.valueEnds[i])]).toEqual(
            new Array(5).fill((from + i) % 251),
          );
        }
      }
      const [[count, sum, groups]] = (await duckdbRows(
        `select count(*), sum("offset"), count(distinct f_load) from '${archive.locate(file)}'`,
      )) as [[bigint, string, bigint]];
      expect([count, String(sum), groups]).toEqual([150_000n, String((150_000 * (500 + 150_499)) / 2), 150_000n]);
    });
  });

  it('are merged row group by row group', { timeout: 30_000 }, async () => {
    await withArchive({}, async ({ archive }) => {
      const files = [];
      for (let from = 0; from < 210_000; from += 70_000) {
        const writer = archive.create(machineStream, 0, from);
        const { batch, columns } = plainRows(from, 70_000, 2);
        writer.append(batch, columns, 0, columns.count, columns.nextOffset);
        files.push(await writer.finish());
      }
      const merged = await archive.compact(machineStream, files);
      expect(await groupSizes(archive.locate(merged))).toEqual([65_536, 65_536, 65_536, 13_392]);
      const batch = await archive.read(machineStream, merged, 139_999, 140_001);
      expect(Array.from(batch.offsets)).toEqual([139_999, 140_000]);
    });
  });
});
