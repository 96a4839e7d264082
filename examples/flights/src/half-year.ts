import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadataAsync, parquetRead, type AsyncBuffer } from 'hyparquet';
import { messageOf, type FlightMessage } from './message.ts';

/** Beside the repository: see README.md. */
const file = fileURLToPath(new URL('../../../../shared/data/flights-2001/flights-3m.parquet', import.meta.url));

export function halfYearIsThere(): boolean {
  return existsSync(file);
}

/** The 3,000,000 flights of January to June 2001, in the order of the published table. */
export async function* halfYear(): AsyncGenerator<FlightMessage> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const buffer: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        const bytes = new Uint8Array(end - start);
        await handle.read(bytes, 0, bytes.length, start);
        return bytes.buffer;
      },
    };
    const metadata = await parquetMetadataAsync(buffer);
    let first = 0;
    for (const { num_rows } of metadata.row_groups) {
      const end = first + Number(num_rows);
      const columns = await readRows(buffer, first, end);
      for (let i = 0; i < end - first; i++) {
        const departure = new Date(Number(columns.date[i]) / 1_000).toISOString().slice(0, 19);
        const numbers = [String(columns.delay[i]), String(columns.distance[i])] as const;
        yield messageOf(first + i + 1, departure, numbers, [String(columns.origin[i]), String(columns.destination[i])]);
      }
      first = end;
    }
  } finally {
    await handle.close();
  }
}

type Column = 'date' | 'delay' | 'distance' | 'origin' | 'destination';

async function readRows(buffer: AsyncBuffer, rowStart: number, rowEnd: number): Promise<Record<Column, unknown[]>> {
  const columns: Record<Column, unknown[]> = { date: [], delay: [], distance: [], origin: [], destination: [] };
  const isColumn = (name: string): name is Column => name in columns;
  await parquetRead({
    file: buffer,
    rowStart,
    rowEnd,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    // Microseconds as they are.
    parsers: { timestampFromMicroseconds: (micros) => micros },
    onChunk: ({ columnName, columnData, rowStart: start }) => {
      if (!isColumn(columnName)) return;
      const column = columns[columnName];
      for (let i = 0; i < columnData.length; i++) column[start - rowStart + i] = columnData[i];
    },
  });
  return columns;
}
