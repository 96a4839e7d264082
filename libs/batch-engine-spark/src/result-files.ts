import { open, readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '@twofold/batch-engine';
import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData } from 'hyparquet';

/** Some rows of a result: a column's values by its name, null or undefined where there is none. */
export interface ResultRows {
  readonly count: number;
  readonly columns: ReadonlyMap<string, ArrayLike<unknown>>;
}

/** The rows that a job has left in its folder, row group by row group. */
export async function* resultRows(folder: string): AsyncGenerator<ResultRows> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort();
  for (const name of names) {
    const handle = await open(path.join(folder, name), 'r');
    try {
      yield* fileRows(await asyncBuffer(handle));
    } finally {
      await handle.close();
    }
  }
}

async function* fileRows(file: AsyncBuffer): AsyncGenerator<ResultRows> {
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows);
    if (count > 0) yield { count, columns: await readGroup(file, metadata, rowStart, rowStart + count) };
    rowStart += count;
  }
}

async function readGroup(
  file: AsyncBuffer,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Promise<ReadonlyMap<string, ArrayLike<unknown>>> {
  const pages = new Map<string, { readonly rowStart: number; readonly columnData: ArrayLike<unknown> }[]>();
  await parquetRead({
    file,
    metadata,
    rowStart,
    rowEnd,
    parsers: { stringFromBytes: (bytes) => exactText.decode(bytes) },
    onChunk: ({ columnName, columnData, rowStart: start }) => {
      const known = pages.get(columnName);
      if (known === undefined) pages.set(columnName, [{ rowStart: start, columnData }]);
      else known.push({ rowStart: start, columnData });
    },
  });
  return new Map(
    [...pages].map(([name, parts]) => {
      const joined = joinPages(parts);
      if (joined.length !== rowEnd - rowStart) throw misread(`column ${name} has ${joined.length} values`);
      return [name, joined];
    }),
  );
}

/** Decoders drop a leading U+FEFF unless they are told that it is text like any other. */
const exactText = new TextDecoder('utf-8', { ignoreBOM: true });

function joinPages(
  pages: readonly { readonly rowStart: number; readonly columnData: ArrayLike<unknown> }[],
): ArrayLike<unknown> {
  const [only] = pages;
  if (pages.length === 1 && only !== undefined) return only.columnData;
  return pages.toSorted((a, b) => a.rowStart - b.rowStart).flatMap(({ columnData }) => Array.from(columnData));
}

async function asyncBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      if (bytesRead < bytes.length) throw misread(`it ends at byte ${start + bytesRead}`);
      return bytes.buffer;
    },
  };
}

export function misread(how: string): EngineError {
  return new EngineError('ENGINE_FAILED', `what Spark has written can not be read: ${how}; this is a fault of Twofold`);
}
