import {
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  Vector,
  type Data,
} from 'apache-arrow';
import type { BlockColumn, ResultBlock } from './result-block.ts';

/**
 * A block as an Arrow IPC stream of its own: one schema, one dictionary a text column, one record batch. Numbers are
 * Float64, 128-bit integers 16 bytes (low half first, as the engine holds them), texts Dictionary<Int32, Utf8>.
 */
export function encodeBlock(block: ResultBlock): Uint8Array {
  const { rows } = block;
  const children = block.columns.map((column, index) => columnData(column, rows, index));
  const fields = children.map((data, index) => new Field(`c${index}`, data.type, true));
  const schema = new Schema(fields);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows, nullCount: 0, children }));
  return RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true);
}

function columnData(column: BlockColumn, length: number, index: number): Data {
  const nulls = column.nulls > 0 ? { nullCount: column.nulls, nullBitmap: column.validity } : { nullCount: 0 };
  switch (column.kind) {
    case 'number':
      return makeData({ type: new Float64(), length, ...nulls, data: column.values.subarray(0, length) });
    case 'int128':
      return makeData({
        type: new FixedSizeBinary(16),
        length,
        ...nulls,
        data: column.values.subarray(0, length * 16),
      });
    case 'text': {
      const { bytes, offsets, count } = column.interner;
      const valueOffsets = offsets.subarray(0, count + 1);
      const texts = makeData({
        type: new Utf8(),
        length: count,
        nullCount: 0,
        valueOffsets,
        data: bytes.subarray(0, valueOffsets[count] ?? 0),
      });
      return makeData({
        type: new Dictionary(new Utf8(), new Int32(), index),
        length,
        ...nulls,
        data: column.ids.subarray(0, length),
        dictionary: new Vector([texts]),
      });
    }
  }
}
