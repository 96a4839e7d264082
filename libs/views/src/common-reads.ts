import type { Columns, Stream } from '@twofold/schemas';
import { expressionKey } from './components.ts';
import { EventTimes } from './event-times.ts';
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
  readonly times: EventTimes;
  private readonly choices = new Map<string, RowChoice>();
  private readonly groups = new Map<string, GroupIds>();

  constructor(stream: Stream) {
    this.stream = stream;
    this.applied = new RowChoice(this, null);
    this.times = new EventTimes(this);
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
