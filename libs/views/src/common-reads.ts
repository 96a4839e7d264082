import { RecordClass, type Columns, type Stream } from '@twofold/schemas';
import { expressionKey } from './components.ts';
import type { Expr } from './expression.ts';
import { compileFilter } from './filter-rows.ts';
import { createGroupIds, type GroupIds } from './group-ids.ts';
import { RowChoice } from './row-choice.ts';
import type { Dimension } from './view.ts';

/**
 * What the folds of one stream ask of the same columns, computed once for all of them: which rows a condition leaves,
 * and which rows are of one group of dimensions. Only what some fold asks for is computed.
 */
export class CommonReads {
  readonly stream: Stream;
  /** Null: nothing was begun. */
  columns: Columns | null = null;
  from = 0;
  to = 0;
  /** Rises with each `begin`. */
  batch = 0;
  /** The rows that are applied. */
  readonly applied: RowChoice;
  private readonly choices = new Map<string, RowChoice>();
  private readonly groups = new Map<string, GroupIds>();
  /** By range of rows. */
  private readonly latest = new Map<string, number>();

  constructor(stream: Stream) {
    this.stream = stream;
    this.applied = new RowChoice(this, null);
  }

  /**
   * The rows `[from, to)` of these columns are folded next. To be called whenever their content is another: nothing else
   * tells that a decoder has used its columns again.
   */
  begin(columns: Columns, from = 0, to = columns.count): void {
    this.columns = columns;
    this.from = from;
    this.to = to;
    this.batch++;
    this.latest.clear();
  }

  /** As `latestTime` says of rows of the columns that were begun; lanes of many views ask it of the same. */
  latestOf(from: number, to: number): number {
    const { columns } = this;
    if (columns === null) return -Infinity;
    const range = `${from} ${to}`;
    const known = this.latest.get(range) ?? latestTime(columns, from, to);
    this.latest.set(range, known);
    return known;
  }

  /** The applied rows for which a condition is TRUE; all of them without one. */
  choiceOf(where: Expr | null): RowChoice {
    if (where === null) return this.applied;
    const key = expressionKey(where);
    const known = this.choices.get(key) ?? new RowChoice(this, compileFilter(where, this.stream));
    this.choices.set(key, known);
    return known;
  }

  groupsOf(dimensions: readonly Dimension[]): GroupIds {
    const key = dimensions.map(({ expr }) => expressionKey(expr)).join('\n');
    const known = this.groups.get(key) ?? createGroupIds(dimensions, this);
    this.groups.set(key, known);
    return known;
  }
}

/** The largest event time of the applied rows `[from, to)`, milliseconds; -Infinity: none is applied. */
export function latestTime({ classes, eventTimes }: Columns, from: number, to: number): number {
  let latest = -Infinity;
  for (let row = from; row < to; row++) {
    if (classes[row] !== RecordClass.applied) continue;
    const time = eventTimes[row] ?? -Infinity;
    if (time > latest) latest = time;
  }
  return latest;
}
