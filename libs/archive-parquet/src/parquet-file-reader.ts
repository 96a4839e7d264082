import { zstdDecompressSync } from 'node:zlib';
import { ArchiveError, compareFile, faultError } from '@twofold/archive';
import type { ArchiveFile } from '@twofold/archive';
import type { Fs } from '@twofold/service';
import { parquetMetadataAsync, parquetRead } from 'hyparquet';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { asyncBuffer, hashFile, withFile } from './file-source.ts';
import { fileFormat, fileKeys } from './parquet-schema.ts';

/** A file whose bytes were compared with its manifest entry. */
export interface CheckedFile {
  readonly stream: string;
  readonly file: ArchiveFile;
  readonly path: string;
  readonly metadata: FileMetaData;
  readonly fingerprint: string;
  readonly allBytes: boolean;
}

/** Decoded columns of one row group by name; null or undefined is null. */
export type GroupColumns = ReadonlyMap<string, ArrayLike<unknown>>;

const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };

/** Throws FILE_MISSING, FILE_DAMAGED, FORMAT_UNKNOWN. */
export async function openChecked(fs: Fs, path: string, stream: string, file: ArchiveFile): Promise<CheckedFile> {
  const opened = await withFile(fs, path, async (source, sizeBytes) => {
    const fault = compareFile(stream, file, await hashFile(source, sizeBytes, path));
    if (fault !== null) throw faultError(fault);
    return decoded(file, () => parquetMetadataAsync(asyncBuffer(source, sizeBytes, path)));
  });
  if (opened === null) throw missingFile(stream, file);
  const facts = new Map((opened.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']));
  const format = Number(facts.get(fileKeys.format) ?? Infinity);
  if (!(format <= fileFormat)) {
    throw new ArchiveError(
      'FORMAT_UNKNOWN',
      `${file.name} has format ${format}; this release reads up to ${fileFormat}. Use a newer release; nothing was changed.`,
      {
        facts: { stream, name: file.name, format },
      },
    );
  }
  return {
    stream,
    file,
    path,
    metadata: opened,
    fingerprint: facts.get(fileKeys.fingerprint) ?? '',
    allBytes: facts.get(fileKeys.bytes) === 'all',
  };
}

/** The named columns of one row group. */
export async function readGroup(
  fs: Fs,
  checked: CheckedFile,
  group: number,
  columns: readonly string[],
): Promise<GroupColumns> {
  const { metadata, path, file } = checked;
  let rowStart = 0;
  for (const before of metadata.row_groups.slice(0, group)) rowStart += Number(before.num_rows);
  const rowEnd = rowStart + Number(metadata.row_groups[group]?.num_rows ?? 0n);
  const pages = new Map<string, { readonly rowStart: number; readonly columnData: ArrayLike<unknown> }[]>();
  const done = await withFile(fs, path, async (source, sizeBytes) => {
    const buffer: AsyncBuffer = asyncBuffer(source, sizeBytes, path);
    await decoded(file, () =>
      parquetRead({
        file: buffer,
        metadata,
        columns: [...columns],
        rowStart,
        rowEnd,
        compressors,
        utf8: false,
        parsers: { stringFromBytes: (bytes) => exactText.decode(bytes) },
        onChunk: ({ columnName, columnData, rowStart: start }) => {
          const before = pages.get(columnName) ?? [];
          pages.set(columnName, [...before, { rowStart: start, columnData }]);
        },
      }),
    );
    return true;
  });
  if (done === null) throw missingFile(checked.stream, file);
  return new Map([...pages].map(([name, parts]) => [name, joinPages(parts)]));
}

function missingFile(stream: string, file: ArchiveFile): ArchiveError {
  const fault = compareFile(stream, file, null);
  return fault === null ? undecodable(file, null) : faultError(fault);
}

/** Decoders drop a leading U+FEFF unless they are told that it is text like any other. */
const exactText = new TextDecoder('utf-8', { ignoreBOM: true });

/** Our own files have one page a column chunk; other writers' may have more. */
function joinPages(
  pages: readonly { readonly rowStart: number; readonly columnData: ArrayLike<unknown> }[],
): ArrayLike<unknown> {
  const [only] = pages;
  if (pages.length === 1 && only !== undefined) return only.columnData;
  return pages.toSorted((a, b) => a.rowStart - b.rowStart).flatMap(({ columnData }) => Array.from(columnData));
}

/** Lowest and highest value of a number column in each row group, from the footer; everything where it does not say. */
export function groupRanges(
  checked: CheckedFile,
  name: string,
): readonly { readonly min: number; readonly max: number }[] {
  return checked.metadata.row_groups.map(({ columns }) => {
    const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
    const statistics = chunk?.meta_data?.statistics;
    return { min: Number(statistics?.min_value ?? -Infinity), max: Number(statistics?.max_value ?? Infinity) };
  });
}

/** The bytes are the ones that were written, so a decoder's complaint means that this release can not read them. */
async function decoded<T>(file: ArchiveFile, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw undecodable(file, error);
  }
}

function undecodable(file: ArchiveFile, cause: unknown): ArchiveError {
  return new ArchiveError(
    'FILE_DAMAGED',
    `${file.name} can not be decoded, though it was just found as it was written.`,
    {
      facts: { name: file.name },
      cause,
    },
  );
}
