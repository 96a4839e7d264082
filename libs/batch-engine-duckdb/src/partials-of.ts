import { EngineError } from '@twofold/batch-engine';
import type { ComponentColumn, DimensionColumn, PartialColumns, SqlColumn, View } from '@twofold/views';
import type { ResultColumn, ResultColumns } from './decode-block.ts';

/**
 * A block of a fold's result as partials; `layout` says which column is what. The arrays are the block's own where
 * they fit as they are.
 */
export function partialsOf(
  view: View,
  layout: readonly SqlColumn[],
  { count, columns }: ResultColumns,
): PartialColumns {
  const find = (role: SqlColumn['role'], index = 0): ResultColumn | undefined =>
    columns[layout.findIndex((column) => column.role === role && column.index === index)];
  const partitions = find('partition');
  const slices = find('slice');
  return {
    count,
    dimensions: view.dimensions.map((_, index) => dimensionColumn(find('dimension', index))),
    panes: numbers(find('pane')),
    partitions: partitions === undefined ? null : Int32Array.from(numbers(partitions)),
    slices: slices === undefined ? null : numbers(slices),
    components: view.components.map(({ kind }, index) => componentColumn(kind, find('component', index))),
  };
}

function dimensionColumn(column: ResultColumn | undefined): DimensionColumn {
  if (column === undefined || column.kind === 'int128') throw misfit(column);
  return column;
}

function componentColumn(kind: View['components'][number]['kind'], column: ResultColumn | undefined): ComponentColumn {
  if (kind === 'rows' || kind === 'count') return { kind: 'count', values: numbers(column) };
  if (column === undefined) throw misfit(column);
  return column.kind === 'int128' ? { kind: 'sum', low: column.low, high: column.high } : column;
}

function numbers(column: ResultColumn | undefined): Float64Array {
  if (column?.kind !== 'number') throw misfit(column);
  return column.values;
}

function misfit(column: ResultColumn | undefined): EngineError {
  const how = column === undefined ? 'is missing' : `is of kind ${column.kind}`;
  return new EngineError('ENGINE_FAILED', `a column of the engine's result ${how}; this is a fault of Twofold`);
}
