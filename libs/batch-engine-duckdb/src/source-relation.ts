import type { SourceFile } from '@twofold/batch-engine';
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
  const branches = [...byPartition(files)].map(([partition, of]) => {
    const paths = [...new Set(of.map((file) => sqlText(pathPattern(file.path))))].join(', ');
    return (
      `select ${partition}::integer as ${sqlName(physical.partition)}, ${columns} ` +
      `from read_parquet([${paths}], hive_partitioning = false, union_by_name = false) where ${within(of)}`
    );
  });
  return `(${branches.join(' union all ')})`;
}

function byPartition(files: readonly SourceFile[]): Map<number, SourceFile[]> {
  const partitions = new Map<number, SourceFile[]>();
  for (const file of files) {
    if (file.from >= file.to) continue;
    const of = partitions.get(file.partition);
    if (of === undefined) partitions.set(file.partition, [file]);
    else of.push(file);
  }
  return partitions;
}

/** Neighbouring ranges become one: files of one partition hold disjoint positions (E13), so the union of ranges says it all. */
function within(files: readonly SourceFile[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const { from, to } of [...files].sort((a, b) => a.from - b.from)) {
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  const offset = sqlName(physical.offset);
  return ranges.map(({ from, to }) => `(${offset} >= ${from} and ${offset} < ${to})`).join(' or ');
}
