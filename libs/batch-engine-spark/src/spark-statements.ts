import { positionsWithin, sourceRanges, type FoldJob, type SourceFile, type SurveyJob } from '@twofold/batch-engine';
import { isTextKind, type Stream } from '@twofold/schemas';
import { fieldColumn, foldSql, physical, sparkSql, surveySql, type SqlColumn } from '@twofold/views';
import type { DriverSource } from './driver-protocol.ts';
import type { JobFacts } from './spark-error.ts';

/** A statement over the views `sources`, and what its columns hold. */
export interface SparkStatement extends JobFacts {
  readonly sql: string;
  readonly sources: readonly DriverSource[];
  readonly columns: readonly SqlColumn[];
}

/** How a sum comes back: a BIGINT where it is one, else its digits, in a column named with this behind it. */
export const DIGITS = '_digits';

/** @param job distinguishes the sources of jobs that run at once */
export function foldStatement(foldJob: FoldJob, job: number): SparkStatement {
  const { view, files, widthMs, panes, sliceSize } = foldJob;
  const { sources, relation } = sourcesOf(view.stream, files, job);
  const { sql, columns } = foldSql(view, { relation, widthMs, panes, sliceSize, dialect: sparkSql });
  const items = columns.flatMap(({ name, holds }) => (holds === 'sum' ? sumItems(name) : [sparkSql.name(name)]));
  return {
    sql: `SELECT ${items.join(', ')} FROM (${sql}) AS partials`,
    sources,
    columns,
    what: `the fold of view ${view.name}`,
    files: pathsOf(files),
  };
}

export function surveyStatement({ view, files, bucketMs }: SurveyJob, job: number): SparkStatement {
  const { sources, relation } = sourcesOf(view.stream, files, job);
  const number = { holds: 'number', type: 'DOUBLE', role: 'component' } as const;
  return {
    sql: surveySql({ relation, bucketMs, dialect: sparkSql }),
    sources,
    columns: ['bucket', 'max_event_time', 'applied'].map((name, index) => ({ ...number, name, index })),
    what: `the survey of stream ${view.stream.name}`,
    files: pathsOf(files),
  };
}

function sumItems(name: string): string[] {
  const sum = sparkSql.name(name);
  const isNarrow = `${sum} BETWEEN -9223372036854775808 AND 9223372036854775807`;
  return [
    `CASE WHEN ${isNarrow} THEN CAST(${sum} AS BIGINT) END AS ${sum}`,
    `CASE WHEN NOT (${isNarrow}) THEN CAST(${sum} AS STRING) END AS ${sparkSql.name(name + DIGITS)}`,
  ];
}

/** The positions that count, as a sub-query with the physical columns that views read. At least one counts. */
function sourcesOf(
  stream: Stream,
  files: readonly SourceFile[],
  job: number,
): { readonly sources: readonly DriverSource[]; readonly relation: string } {
  const fields = stream.fields.map(({ name, type }): [string, string] => {
    const isText = isTextKind(type.kind);
    return [fieldColumn(name), isText ? 'STRING' : 'BIGINT'];
  });
  const types: readonly (readonly [string, string])[] = [
    [physical.offset, 'BIGINT'],
    [physical.class, 'INT'],
    [physical.eventTime, 'BIGINT'],
    ...fields,
  ];
  const schema = types.map(([name, type]) => `${sparkSql.name(name)} ${type}`).join(', ');
  const columns = types.map(([name]) => sparkSql.name(name)).join(', ');
  const offset = sparkSql.name(physical.offset);
  const branches = sourceRanges(files).map(({ partition, paths, ranges }, number) => {
    const name = `source_${job}_${number}`;
    const select = `SELECT CAST(${partition} AS INT) AS ${sparkSql.name(physical.partition)}, ${columns}`;
    const where = ranges === null ? '' : ` WHERE ${positionsWithin(offset, ranges)}`;
    return { source: { name, schema, paths }, sql: `${select} FROM ${name}${where}` };
  });
  return {
    sources: branches.map(({ source }) => source),
    relation: `(${branches.map(({ sql }) => sql).join(' UNION ALL ')})`,
  };
}

function pathsOf(files: readonly SourceFile[]): string[] {
  return [...new Set(files.map(({ path }) => path))];
}
