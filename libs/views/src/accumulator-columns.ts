import type { ColumnsFilter } from './accumulator.ts';
import { ChunkError } from './chunk-error.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { writeNull, writeNumber, writeText } from './key.ts';
import type { DimensionColumn, PartialColumns } from './partials.ts';
import { paneOf } from './pane-of.ts';
import type { PartialTable } from './partial-table.ts';
import type { View } from './view.ts';

/** Adds the partials of the columns to a table, in panes of a width: one pass a component, over flat arrays. */
export function addColumns(
  view: View,
  widthMs: number,
  table: PartialTable,
  columns: PartialColumns,
  filter: ColumnsFilter,
): void {
  checkShape(view, columns);
  const rows = chosenRows(columns, filter);
  table.reserve(rows.length);
  const slots = new Int32Array(rows.length);
  const keyOf = keyReader(table, columns.dimensions);
  const { panes } = columns;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    slots[i] = table.slotOf(keyOf(row), paneOf(panes[row] ?? 0, widthMs));
  }
  table.states.forEach((state, i) => {
    const column = columns.components[i];
    if (column !== undefined) state.addColumn(column, rows, slots, rows.length);
  });
}

function chosenRows(columns: PartialColumns, { partition, slice }: ColumnsFilter): Int32Array {
  const { partitions, slices } = columns;
  const rows = new Int32Array(columns.count);
  let count = 0;
  for (let row = 0; row < columns.count; row++) {
    if (partition !== undefined && partitions?.[row] !== partition) continue;
    if (slice !== undefined && slices?.[row] !== slice) continue;
    rows[count++] = row;
  }
  return rows.subarray(0, count);
}

function checkShape(view: View, columns: PartialColumns): void {
  const fail = (what: string): never => {
    throw new ChunkError('COLUMNS_INVALID', `Partials of view '${view.name}' ${what}.`);
  };
  if (columns.dimensions.length !== view.dimensions.length) fail(`have ${columns.dimensions.length} dimensions`);
  if (columns.components.length !== view.components.length) fail(`have ${columns.components.length} components`);
  view.dimensions.forEach(({ name, expr }, i) => {
    const kind = columns.dimensions[i]?.kind;
    if (kind !== (expr.type.kind === 'text' ? 'text' : 'number')) fail(`have a ${kind} as dimension '${name}'`);
  });
  const rows = columns.components[0];
  if (rows?.kind !== 'count') return fail('do not begin with their number of events');
  for (let row = 0; row < columns.count; row++) {
    if (!((rows.values[row] ?? 0) >= 1)) fail(`have a partial of no event, in row ${row}`);
  }
}

/** The key id of a row. Texts are turned into bytes once each, not once a row. */
function keyReader(table: PartialTable, dimensions: readonly DimensionColumn[]): (row: number) => number {
  const writer = new ChunkWriter();
  const only = dimensions[0];
  const write = (row: number): number => {
    writer.at = 0;
    for (const dimension of dimensions) writeDimension(dimension, row, writer);
    return table.keys.intern(writer.bytes, 0, writer.at);
  };
  if (dimensions.length !== 1 || only?.kind !== 'text') return write;
  const known = new Map<string | null, number>();
  return (row) => {
    const text = only.texts[row] ?? null;
    const found = known.get(text);
    if (found !== undefined) return found;
    const key = write(row);
    known.set(text, key);
    return key;
  };
}

function writeDimension(dimension: DimensionColumn, row: number, into: ChunkWriter): void {
  if (dimension.kind === 'text') {
    const text = dimension.texts[row] ?? null;
    if (text === null) {
      writeNull(into);
      return;
    }
    const utf8 = textEncoder.encode(text);
    writeText(into, utf8, 0, utf8.length);
  } else if (dimension.valid[row] === 1) writeNumber(into, (dimension.values[row] ?? 0) + 0);
  else writeNull(into);
}

const textEncoder = new TextEncoder();
