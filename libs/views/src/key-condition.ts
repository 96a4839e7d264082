import { ArenaDictionary, type Column, type Columns, type NumberColumn } from '@twofold/schemas';
import type { ChunkReader } from './chunk-reader.ts';
import { compileCondition } from './evaluate.ts';
import type { Expr } from './expression.ts';
import type { Dimension, View } from './view.ts';

/** Takes one dimension's value out of a key. */
type Read = (from: ChunkReader) => void;

/** A condition over fields that are dimensions of a view, asked of its keys: they are given to it as the columns of one event. */
export class KeyCondition {
  readonly #reads: readonly Read[];
  readonly #columns: Columns;
  readonly #holds: (columns: Columns, row: number) => boolean;

  constructor({ stream, dimensions }: View, where: Expr) {
    const fields = stream.fields.map((): Column => oneNumber());
    this.#reads = dimensions.map((dimension) =>
      readInto(dimension, fields, stream.fields.findIndex(isField(dimension))),
    );
    const [time, one] = [new Float64Array(1), { partition: 0, baseOffset: 0, nextOffset: 1, count: 1 }];
    const records = { offsets: time, times: time, eventTimes: time, classes: new Uint8Array(1), rejections: [] };
    this.#columns = { ...one, ...records, fields };
    this.#holds = compileCondition(where, stream);
  }

  /** Reads a key, whose dimensions follow one another from where the reader is. */
  holds(key: ChunkReader): boolean {
    for (const read of this.#reads) read(key);
    return this.#holds(this.#columns, 0);
  }
}

function isField({ expr }: Dimension): (field: { readonly name: string }) => boolean {
  return ({ name }) => expr.op === 'field' && expr.field === name;
}

function readInto({ expr }: Dimension, fields: Column[], index: number): Read {
  if (expr.type.kind !== 'text') {
    const column = oneNumber();
    if (index >= 0) fields[index] = column;
    return (from) => {
      column.valid[0] = from.byte();
      if (column.valid[0] === 1) column.values[0] = from.zigzag();
    };
  }
  const [ids, dictionary] = [new Int32Array(1), new ArenaDictionary()];
  if (index >= 0) fields[index] = { kind: 'text', ids, dictionary };
  return (from) => {
    ids[0] = -1;
    if (from.byte() === 0) return;
    const length = from.varint();
    const start = from.skip(length);
    ids[0] = dictionary.intern(from.bytes, start, start + length);
  };
}

function oneNumber(): NumberColumn {
  return { kind: 'number', values: new Float64Array(1), valid: new Uint8Array(1) };
}
