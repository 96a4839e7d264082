import { positionsWithin, sourceRanges, type SourceFile } from '@twofold/batch-engine';
import { fieldColumn, physical } from '@twofold/views';
import type { Stream } from '@twofold/schemas';
import { pathPattern, sqlName, sqlText } from './sql-text.ts';

/**
 * The positions that count of these files, as a sub-query with the physical columns that views read (`physical`,
 * `fieldColumn`). A file is read by its path only: folders and names of files mean nothing. At least one file has a
 * position that counts.
 */
export function sourceRelation(stream: Stream, files: readonly SourceFile[]): string {
  const names = [physical.offset, physical.class, physical.eventTime, ...stream.fields.map((f) => fieldColumn(f.name))];
  const columns = names.map(sqlName).join(', ');
  const branches = sourceRanges(files).map(({ partition, paths, ranges }) => {
    const patterns = paths.map((path) => sqlText(pathPattern(path))).join(', ');
    const where = ranges === null ? '' : ` where ${positionsWithin(sqlName(physical.offset), ranges)}`;
    return (
      `select ${partition}::integer as ${sqlName(physical.partition)}, ${columns} ` +
      `from read_parquet([${patterns}], hive_partitioning = false, union_by_name = false)${where}`
    );
  });
  return `(${branches.join(' union all ')})`;
}
