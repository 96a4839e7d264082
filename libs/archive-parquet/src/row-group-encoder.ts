import type { Stream } from '@twofold/schemas';
import { RecordClass } from '@twofold/schemas';
import type { RowGroup, SchemaElement } from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import { bitsFor } from './bit-packing.ts';
import { ByteSink } from './byte-sink.ts';
import { BytesBuffer, NumberBuffer, TextBuffer } from './column-buffers.ts';
import { writeColumnChunk } from './column-chunk.ts';
import type { ChunkContent } from './column-chunk.ts';
import { writePackedRun, writeRepeatedRun } from './hybrid-levels.ts';
import { maxDeltaRange, rangeOf, writeDeltaIntegers, writePlainIntegers } from './number-page.ts';
import { parquetSchema } from './parquet-schema.ts';
import { maxGroupRows } from './row-group-buffer.ts';
import type { RowGroupBuffer } from './row-group-buffer.ts';

type Body = Omit<ChunkContent, 'element' | 'rows'>;

const sink = new ByteSink(1 << 20);
const classIds = new Int32Array(maxGroupRows);
const classNumbers = Int32Array.from([
  RecordClass.applied,
  RecordClass.duplicate,
  RecordClass.rejected,
  RecordClass.control,
]);

/** Encodes buffered rows as one row group behind what `writer` has, and gives its entry for the footer. */
export function encodeRowGroup(writer: ByteWriter, stream: Stream, partition: number, group: RowGroupBuffer): RowGroup {
  const elements = parquetSchema(stream).slice(1);
  const { rows } = group;
  const start = writer.offset;
  const columns = [...bodies(partition, group)].map((makeBody, i) => {
    const element: SchemaElement = elements[i] ?? { name: '' };
    sink.clear();
    return writeColumnChunk(writer, { element, rows, ...makeBody() });
  });
  let uncompressed = 0n;
  for (const { meta_data } of columns) uncompressed += meta_data?.total_uncompressed_size ?? 0n;
  return {
    columns,
    num_rows: BigInt(rows),
    total_byte_size: uncompressed,
    total_compressed_size: BigInt(writer.offset - start),
  };
}

/** In the order of `fileColumns`; each is called once the one before it is written, since they share `sink`. */
function* bodies(partition: number, group: RowGroupBuffer): Generator<() => Body> {
  const { rows } = group;
  yield () => partitionBody(partition, rows);
  yield () => numberBody(group.offsets, false);
  yield () => numberBody(group.logTimes, false);
  yield () => classBody(group.classes, rows);
  yield () => numberBody(group.eventTimes, true);
  for (const field of group.fields) {
    yield () => (field instanceof TextBuffer ? textBody(field) : numberBody(field, true));
  }
  yield () => textBody(group.rejectionCodes);
  yield () => textBody(group.rejectionFields);
  yield () => textBody(group.rejectionDetails);
  yield () => bytesBody(group.keys);
  yield () => bytesBody(group.values);
}

function numberBody(buffer: NumberBuffer, nullable: boolean): Body {
  const { presence, values } = buffer;
  const count = presence.present;
  const common = { presence: nullable ? presence : null, dictionary: null };
  if (count === 0) return { ...common, encoding: 'PLAIN', data: sink.view(), range: null };
  const range = rangeOf(values, count);
  const narrow = range.max - range.min <= maxDeltaRange;
  if (narrow) writeDeltaIntegers(sink, values, count);
  else writePlainIntegers(sink, values, count);
  return { ...common, encoding: narrow ? 'DELTA_BINARY_PACKED' : 'PLAIN', data: sink.view(), range };
}

/** A dictionary where texts repeat, else the texts one after another. */
function textBody(buffer: TextBuffer): Body {
  const { presence, ids, entries, starts, distinct } = buffer;
  const count = presence.present;
  const common = { presence, range: null };
  if (distinct * 2 > count) {
    for (let i = 0; i < count; i++) {
      const id = ids[i] ?? 0;
      sink.append(entries.bytes.subarray(starts[id], starts[id + 1] ?? entries.length));
    }
    return { ...common, encoding: 'PLAIN', dictionary: null, data: sink.view() };
  }
  const dictionary = { bytes: entries.view(), size: distinct };
  if (distinct === 1) writeOneId(1, 0, count);
  else if (count > 0) writeIds(ids, count, bitsFor(distinct - 1));
  return {
    ...common,
    encoding: count > 0 ? 'RLE_DICTIONARY' : 'PLAIN',
    dictionary: count > 0 ? dictionary : null,
    data: sink.view(),
  };
}

function bytesBody(buffer: BytesBuffer): Body {
  return { presence: buffer.presence, encoding: 'PLAIN', dictionary: null, data: buffer.plain.view(), range: null };
}

function partitionBody(partition: number, rows: number): Body {
  const dictionary = { bytes: new Uint8Array(Int32Array.from([partition]).buffer), size: 1 };
  writeOneId(1, 0, rows);
  return {
    presence: null,
    encoding: 'RLE_DICTIONARY',
    dictionary,
    data: sink.view(),
    range: { min: partition, max: partition },
  };
}

/** The dictionary is the list of all classes, so a class is its own id. */
function classBody(classes: Uint8Array, rows: number): Body {
  const dictionary = { bytes: new Uint8Array(classNumbers.buffer), size: classNumbers.length };
  const all = classes.subarray(0, rows);
  const [first = 0] = all;
  if (all.every((cls) => cls === first)) {
    writeOneId(2, first, rows);
  } else {
    // Packing is fast because it knows one kind of array.
    classIds.set(all);
    writeIds(classIds, rows, 2);
  }
  return { presence: null, encoding: 'RLE_DICTIONARY', dictionary, data: sink.view(), range: null };
}

/** RLE_DICTIONARY data: the width, then one run. */
function writeIds(ids: Int32Array, count: number, width: number): void {
  sink.byte(width);
  writePackedRun(sink, ids, count, width);
}

function writeOneId(width: number, id: number, count: number): void {
  sink.byte(width);
  writeRepeatedRun(sink, id, count);
}
