import { constants, zstdCompressSync } from 'node:zlib';
import type { ColumnChunk, Encoding, PageHeader, SchemaElement } from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { ByteSink } from './byte-sink.ts';
import type { Presence } from './column-buffers.ts';
import { writeFlagRun, writeRepeatedRun } from './hybrid-levels.ts';

/** What one column of a row group says, encoded and not yet compressed. */
export interface ChunkContent {
  readonly element: SchemaElement;
  readonly rows: number;
  /** Null: the column is required. */
  readonly presence: Presence | null;
  readonly encoding: Encoding;
  /** PLAIN encoded distinct values, and how many. */
  readonly dictionary: { readonly bytes: Uint8Array; readonly size: number } | null;
  readonly data: Uint8Array;
  readonly range: { readonly min: number; readonly max: number } | null;
}

const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const levels = new ByteSink();

/** Writes the pages of a column chunk and gives its entry for the footer. One data page, version 2. */
export function writeColumnChunk(writer: ByteWriter, content: ChunkContent): ColumnChunk {
  const { element, rows, presence, encoding, dictionary, range } = content;
  const { type, name } = element;
  const start = writer.offset;
  let uncompressed = 0;
  if (dictionary !== null) uncompressed += writeDictionaryPage(writer, dictionary);
  const dataStart = writer.offset;
  uncompressed += writeDataPage(writer, content);
  const nulls = presence === null ? 0 : rows - presence.present;
  const encodings: Encoding[] = ['RLE', encoding];
  if (dictionary !== null) encodings.push('PLAIN');
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: type ?? 'INT64',
      encodings,
      path_in_schema: [name],
      codec: 'ZSTD',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt(uncompressed),
      total_compressed_size: BigInt(writer.offset - start),
      data_page_offset: BigInt(dataStart),
      ...(dictionary === null ? {} : { dictionary_page_offset: BigInt(start) }),
      statistics: {
        null_count: BigInt(nulls),
        ...(range === null ? {} : { min_value: bound(type, range.min), max_value: bound(type, range.max) }),
      },
    },
  };
}

function bound(type: SchemaElement['type'], value: number): number | bigint {
  return type === 'INT32' ? value : BigInt(value);
}

function writeDictionaryPage(
  writer: ByteWriter,
  dictionary: { readonly bytes: Uint8Array; readonly size: number },
): number {
  // The format has no flag for a dictionary page that is not compressed.
  const compressed = zstdCompressSync(dictionary.bytes, fastest);
  const headerSize = writeHeader(writer, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: dictionary.bytes.length,
    compressed_page_size: compressed.length,
    dictionary_page_header: { num_values: dictionary.size, encoding: 'PLAIN' },
  });
  writer.appendBytes(compressed);
  return headerSize + dictionary.bytes.length;
}

function writeDataPage(writer: ByteWriter, content: ChunkContent): number {
  const { rows, presence, encoding, data } = content;
  levels.clear();
  if (presence !== null) writeLevels(presence);
  const compressed = compressIfSmaller(data);
  const headerSize = writeHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levels.length + data.length,
    compressed_page_size: levels.length + compressed.length,
    data_page_header_v2: {
      num_values: rows,
      num_nulls: presence === null ? 0 : rows - presence.present,
      num_rows: rows,
      encoding,
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: compressed !== data,
    },
  });
  writer.appendBytes(levels.view());
  writer.appendBytes(compressed);
  return headerSize + levels.length + data.length;
}

function writeHeader(writer: ByteWriter, header: PageHeader): number {
  const start = writer.offset;
  writePageHeader(writer, header);
  return writer.offset - start;
}

function writeLevels(presence: Presence): void {
  const { rows, present, defined } = presence;
  if (present === rows || present === 0) writeRepeatedRun(levels, present === 0 ? 0 : 1, rows);
  else writeFlagRun(levels, defined, rows);
}

/** The same array where compression would save less than a sixteenth: readers then skip a step. */
function compressIfSmaller(data: Uint8Array): Uint8Array {
  if (data.length < 64) return data;
  const compressed = zstdCompressSync(data, fastest);
  return compressed.length < data.length - data.length / 16 ? compressed : data;
}
