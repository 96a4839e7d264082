import type { Columns, Stream, TextDictionary } from '@twofold/schemas';
import { ChunkWriter } from './chunk-writer.ts';
import { IdKeyReader } from './fold-id-keys.ts';
import { internRow } from './intern-row.ts';
import type { KeyTable } from './key-table.ts';
import { writeNull, writeText } from './key.ts';
import type { Dimension } from './view.ts';

/** Finds the key ids of rows. */
export interface KeyReader {
  /** Key of `rows[i]` into `into[i]`, for i below `count`. */
  read(columns: Columns, rows: Int32Array, count: number, into: Int32Array): void;
  /** The ids of the key table start anew. */
  forget(): void;
}

export function createKeyReader(dimensions: readonly Dimension[], stream: Stream, keys: KeyTable): KeyReader {
  const fields = dimensions.map(({ expr }) =>
    expr.op === 'field' && expr.type.kind === 'text'
      ? stream.fields.findIndex(({ name }) => name === expr.field)
      : null,
  );
  const [only = null] = fields;
  if (fields.length === 1 && only !== null) return new TextKeyReader(only, keys);
  const hasLooseText = dimensions.some(({ expr }, i) => expr.type.kind === 'text' && fields[i] === null);
  return hasLooseText ? new AnyKeyReader(dimensions, stream, keys) : new IdKeyReader(dimensions, stream, keys);
}

/** One plain text: its dictionary id leads to the key's id, so that a key's bytes are looked at once a dictionary. */
class TextKeyReader implements KeyReader {
  private readonly field: number;
  private readonly keys: KeyTable;
  private readonly writer = new ChunkWriter();
  /** Key id + 1 by dictionary id + 1 (null is -1); 0 is unknown. */
  private known = new Int32Array(1 << 10);
  private dictionary: TextDictionary | null = null;
  private generation = -1;

  constructor(field: number, keys: KeyTable) {
    this.field = field;
    this.keys = keys;
  }

  read(columns: Columns, rows: Int32Array, count: number, into: Int32Array): void {
    const column = columns.fields[this.field];
    if (column?.kind !== 'text') return;
    const { ids, dictionary } = column;
    if (dictionary !== this.dictionary || dictionary.generation !== this.generation) {
      this.forget();
      this.dictionary = dictionary;
      this.generation = dictionary.generation;
    }
    if (dictionary.size >= this.known.length) {
      const known = new Int32Array(Math.max(this.known.length * 2, dictionary.size + 1));
      known.set(this.known);
      this.known = known;
    }
    const { known } = this;
    for (let i = 0; i < count; i++) {
      const id = ids[rows[i] ?? 0] ?? -1;
      let key = (known[id + 1] ?? 0) - 1;
      if (key < 0) {
        key = this.intern(dictionary, id);
        known[id + 1] = key + 1;
      }
      into[i] = key;
    }
  }

  forget(): void {
    this.known.fill(0);
  }

  private intern(dictionary: TextDictionary, id: number): number {
    const { writer } = this;
    writer.at = 0;
    if (id < 0) writeNull(writer);
    else {
      const utf8 = dictionary.bytes(id);
      writeText(writer, utf8, 0, utf8.length);
    }
    return this.keys.intern(writer.bytes, 0, writer.at);
  }
}

/** Any dimensions: the key's bytes are written for every row. */
class AnyKeyReader implements KeyReader {
  private readonly intern: (columns: Columns, row: number) => number;

  constructor(dimensions: readonly Dimension[], stream: Stream, keys: KeyTable) {
    this.intern = internRow(dimensions, stream, keys);
  }

  read(columns: Columns, rows: Int32Array, count: number, into: Int32Array): void {
    for (let i = 0; i < count; i++) into[i] = this.intern(columns, rows[i] ?? 0);
  }

  forget(): void {
    // It remembers nothing.
  }
}
