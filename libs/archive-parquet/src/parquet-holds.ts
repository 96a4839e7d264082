import { zstdDecompressSync } from 'node:zlib';
import type { Fs } from '@twofold/service';
import { parquetMetadataAsync, parquetRead } from 'hyparquet';
import { asyncBuffer, withFile } from './file-source.ts';

const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };

/**
 * Is a text in some value of a Parquet file, whoever wrote it and whatever it is called? Its pages are compressed, so
 * looking at the file's bytes does not tell. Null: it is no whole Parquet file.
 */
export async function parquetHolds(fs: Fs, path: string, text: string): Promise<boolean | null> {
  const needle = Buffer.from(text);
  let found = false;
  const look = (value: unknown): void => {
    if (typeof value === 'string') found ||= value.includes(text);
    else if (value instanceof Uint8Array)
      found ||= Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(needle);
    else if (Array.isArray(value)) value.forEach(look);
  };
  try {
    const whole = await withFile(fs, path, async (source, sizeBytes) => {
      const file = asyncBuffer(source, sizeBytes, path);
      const metadata = await parquetMetadataAsync(file);
      const onChunk = ({ columnData }: { readonly columnData: ArrayLike<unknown> }): void => {
        for (let row = 0; row < columnData.length && !found; row++) look(columnData[row]);
      };
      await parquetRead({ file, metadata, compressors, utf8: false, onChunk });
      return true;
    });
    return whole === null ? null : found;
  } catch {
    return null;
  }
}
