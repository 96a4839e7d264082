import type { SourceFile } from '@twofold/batch-engine';
import { fieldColumn, physical } from '@twofold/views';
import type { Stream } from '@twofold/schemas';
import { sqlName, sqlText } from './sql-text.ts';

/** The engine reads a path as a pattern; brackets around a pattern's character make it mean itself. */
export function sqlPath(path: string): string {
  return sqlText(path.replaceAll(/[*?[]/g, '[$&]'));
}

/**
 * The positions that count of these files, as a sub-query with the physical columns that views read (`physical`,
 * `fieldColumn`). A file is read by its path only: folders and names of files mean nothing.
 */
export function sourceRelation(stream: Stream, files: readonly SourceFile[]): string {
  const names = [physical.offset, physical.class, physical.eventTime, ...stream.fields.map((f) => fieldColumn(f.name))];
  const columns = names.map(sqlName).join(', ');
  const branches = [...byPartition(files)].map(([partition, of]) => {
    const paths = [...new Set(of.map((file) => sqlPath(file.path)))].join(', ');
    return (
      `select ${partition}::integer as ${sqlName(physical.partition)}, ${columns} ` +
      `from read_parquet([${paths}], hive_partitioning = false, union_by_name = false) where ${within(of)}`
    );
  });
  return branches.length > 0 ? `(${branches.join(' union all ')})` : emptyRelation(stream);
}

/** A relation of the same columns without a row: an engine is asked the same question of no file. */
function emptyRelation(stream: Stream): string {
  const numbers = [physical.offset, physical.eventTime].map((name) => `0::bigint as ${sqlName(name)}`);
  const fields = stream.fields.map((field) => {
    const { kind } = field.type;
    const isText = kind === 'text' || kind === 'enumeration' || kind === 'uuid';
    return `${isText ? "''" : '0::bigint'} as ${sqlName(fieldColumn(field.name))}`;
  });
  const integers = [physical.partition, physical.class].map((name) => `0::integer as ${sqlName(name)}`);
  return `(select ${[...integers, ...numbers, ...fields].join(', ')} where false)`;
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
