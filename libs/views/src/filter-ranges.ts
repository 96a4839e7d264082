import type { FilterLeaf } from './filter-leaves.ts';
import type { MarkingFilter } from './filter-rows.ts';

/** Is the number of a column within a range or, with `flip` 1, is it not? Null is neither. */
export function rangeFilter({ column, least, most, flip }: Extract<FilterLeaf, { kind: 'within' }>): MarkingFilter {
  return {
    among: (columns, from, to, into) => {
      const { values, valid } = column(columns);
      let left = 0;
      for (let row = from; row < to; row++) {
        const value = values[row] ?? 0;
        into[left] = row;
        left += (valid[row] ?? 0) & ((Number(value >= least) & Number(value <= most)) ^ flip);
      }
      return left;
    },
    of: (columns, rows, count, into) => {
      const { values, valid } = column(columns);
      let left = 0;
      for (let i = 0; i < count; i++) {
        const row = rows[i] ?? 0;
        const value = values[row] ?? 0;
        into[left] = row;
        left += (valid[row] ?? 0) & ((Number(value >= least) & Number(value <= most)) ^ flip);
      }
      return left;
    },
    markAmong: (columns, from, to, marks) => {
      const { values, valid } = column(columns);
      for (let row = from; row < to; row++) {
        const value = values[row] ?? 0;
        const isTrue = (valid[row] ?? 0) & ((Number(value >= least) & Number(value <= most)) ^ flip);
        marks[row - from] = (marks[row - from] ?? 0) | isTrue;
      }
    },
    markOf: (columns, rows, count, marks) => {
      const { values, valid } = column(columns);
      for (let i = 0; i < count; i++) {
        const row = rows[i] ?? 0;
        const value = values[row] ?? 0;
        const isTrue = (valid[row] ?? 0) & ((Number(value >= least) & Number(value <= most)) ^ flip);
        marks[i] = (marks[i] ?? 0) | isTrue;
      }
    },
  };
}
