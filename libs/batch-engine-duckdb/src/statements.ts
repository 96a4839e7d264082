import type { FoldJob, SourceFile, SurveyJob } from '@twofold/batch-engine';
import { foldSql, surveySql, type SqlColumn } from '@twofold/views';
import type { Statement } from './engine-child.ts';
import { selectItems, type ResultKind } from './result-kind.ts';
import { sourceRelation } from './source-relation.ts';
import { sqlName } from './sql-text.ts';

/** A fold as a statement, and which column of its result is what. */
export interface FoldStatement extends Statement {
  readonly columns: readonly SqlColumn[];
}

const kindOf: Readonly<Record<SqlColumn['holds'], ResultKind>> = { number: 'number', sum: 'int128', text: 'text' };

/** One of so many shares of a job's groups. */
export interface Share {
  readonly of: number;
  readonly index: number;
}

export function foldStatement(
  { view, files, widthMs, panes, sliceSize }: FoldJob,
  share: Share = { of: 1, index: 0 },
): FoldStatement {
  const relation = sourceRelation(view.stream, files);
  const { sql, columns } = foldSql(view, { relation, widthMs, panes, sliceSize, ...(share.of === 1 ? {} : { share }) });
  const items = columns.flatMap(({ name, holds }) => selectItems(kindOf[holds], sqlName(name)));
  return {
    sql: `select ${items.join(', ')} from (${sql}) as partials`,
    kinds: columns.map(({ holds }) => kindOf[holds]),
    columns,
    what: `the fold of view ${view.name}`,
    files: pathsOf(files),
  };
}

/** Three numbers a bucket: its start, its latest event time, how many records it has. */
export function surveyStatement({ view, files, bucketMs }: SurveyJob): Statement {
  return {
    sql: surveySql({ relation: sourceRelation(view.stream, files), bucketMs }),
    kinds: ['number', 'number', 'number'],
    what: `the survey of stream ${view.stream.name}`,
    files: pathsOf(files),
  };
}

function pathsOf(files: readonly SourceFile[]): string[] {
  return [...new Set(files.map(({ path }) => path))];
}
