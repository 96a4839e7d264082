import type { ComponentColumn, DimensionColumn, PartialColumns, SqlColumn, View } from '@twofold/views';
import { misread, type ResultRows } from './result-files.ts';
import { DIGITS } from './spark-statements.ts';

/** Rows of a fold's result as partials; `layout` says which column is what. */
export function partialsOf(view: View, layout: readonly SqlColumn[], rows: ResultRows): PartialColumns {
  const { count } = rows;
  const find = (role: SqlColumn['role'], index = 0): SqlColumn | undefined =>
    layout.find((column) => column.role === role && column.index === index);
  const numbers = (role: SqlColumn['role']): Float64Array => numbersOf(rows, find(role)).values;
  const isSliced = find('slice') !== undefined;
  return {
    count,
    dimensions: view.dimensions.map((_, index) => dimensionColumn(rows, find('dimension', index))),
    panes: numbers('pane'),
    partitions: isSliced ? Int32Array.from(numbers('partition')) : null,
    slices: isSliced ? numbers('slice') : null,
    components: view.components.map(({ kind }, index) => componentColumn(kind, rows, find('component', index))),
  };
}

function dimensionColumn(rows: ResultRows, column: SqlColumn | undefined): DimensionColumn {
  if (column?.holds === 'text') return { kind: 'text', texts: textsOf(rows, column.name) };
  return { kind: 'number', ...numbersOf(rows, column) };
}

function componentColumn(
  kind: View['components'][number]['kind'],
  rows: ResultRows,
  column: SqlColumn | undefined,
): ComponentColumn {
  if (kind === 'rows' || kind === 'count') return { kind: 'count', values: numbersOf(rows, column).values };
  if (column?.holds === 'sum') return { kind: 'sum', ...sumsOf(rows, column.name) };
  if (column?.holds === 'text') return { kind: 'text', texts: textsOf(rows, column.name) };
  return { kind: 'number', ...numbersOf(rows, column) };
}

/** A column of DOUBLEs; the values of nulls are 0. */
export function numbersOf(
  rows: ResultRows,
  column: Pick<SqlColumn, 'name'> | undefined,
): { readonly values: Float64Array; readonly valid: Uint8Array } {
  const from = columnOf(rows, column?.name ?? '');
  if (from instanceof Float64Array) return { values: from, valid: new Uint8Array(rows.count).fill(1) };
  const values = new Float64Array(rows.count);
  const valid = new Uint8Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const value = from[row];
    if (typeof value !== 'number') continue;
    values[row] = value;
    valid[row] = 1;
  }
  return { values, valid };
}

function textsOf(rows: ResultRows, name: string): (string | null)[] {
  return Array.from(columnOf(rows, name), (text) => (typeof text === 'string' ? text : null));
}

function sumsOf(rows: ResultRows, name: string): { readonly low: BigUint64Array; readonly high: BigInt64Array } {
  const narrow = columnOf(rows, name);
  const wide = columnOf(rows, name + DIGITS);
  const low = new BigUint64Array(rows.count);
  const high = new BigInt64Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const [value, digits] = [narrow[row], wide[row]];
    const sum = typeof value === 'bigint' ? value : typeof digits === 'string' ? BigInt(digits) : null;
    if (sum === null) throw misread(`row ${row} of ${name} has no sum`);
    low[row] = BigInt.asUintN(64, sum);
    high[row] = sum >> 64n;
  }
  return { low, high };
}

function columnOf({ columns }: ResultRows, name: string): ArrayLike<unknown> {
  const column = columns.get(name);
  if (column === undefined) throw misread(`there is no column ${name}`);
  return column;
}
