import { DuckDBInstance, type DuckDBDataChunk } from '@duckdb/node-api';
import type { SourceFile } from '@twofold/batch-engine';
import { ENGINE_BYTES } from './archive-files.ts';
import { ColumnSums } from './column-sums.ts';

/** What stands behind FROM for files of an archive. */
export function fromFiles(files: readonly SourceFile[]): string {
  return `read_parquet([${files.map((file) => `'${file.path.replaceAll("'", "''")}'`).join(', ')}])`;
}

/** Runs SQL that someone has written by hand, one statement after the other on one thread, and adds up every value of each column. */
export async function runByHand(statements: readonly string[]): Promise<ColumnSums> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: `${ENGINE_BYTES}B` });
  const connection = await instance.connect();
  const sums = new ColumnSums();
  for (const sql of statements) {
    const result = await connection.stream(sql);
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
      addChunk(sums, chunk);
  }
  connection.closeSync();
  instance.closeSync();
  return sums;
}

/** The columns of the hand-written SQL stand in the order of partials: dimensions, pane, components. */
function addChunk(sums: ColumnSums, chunk: DuckDBDataChunk): void {
  for (let column = 0; column < chunk.columnCount; column++)
    for (const value of chunk.getColumnValues(column))
      if (typeof value === 'string') sums.addText(column, value);
      else sums.add(column, Number(value));
}
