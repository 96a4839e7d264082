import type { Columns, Stream } from '@twofold/schemas';
import { ChunkWriter } from './chunk-writer.ts';
import { compileNumber } from './evaluate.ts';
import { textSource } from './fold-inputs.ts';
import type { KeyTable } from './key-table.ts';
import { writeNull, writeNumber, writeText } from './key.ts';
import type { Dimension } from './view.ts';

/** Writes the bytes of a row's key, and gives its id. */
export function internRow(
  dimensions: readonly Dimension[],
  stream: Stream,
  keys: KeyTable,
): (columns: Columns, row: number) => number {
  const writer = new ChunkWriter();
  const writes = dimensions.map(({ expr }): ((columns: Columns, row: number) => void) => {
    if (expr.type.kind === 'text') {
      const source = textSource(expr, stream);
      return (columns, row) => {
        const utf8 = source(columns, row);
        if (utf8 === null) writeNull(writer);
        else writeText(writer, utf8, 0, utf8.length);
      };
    }
    const number = compileNumber(expr, stream);
    return (columns, row) => {
      const units = number(columns, row);
      if (units !== units) writeNull(writer);
      else writeNumber(writer, units + 0);
    };
  });
  return (columns, row) => {
    writer.at = 0;
    for (const write of writes) write(columns, row);
    return keys.intern(writer.bytes, 0, writer.at);
  };
}
