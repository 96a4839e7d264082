import type { FilterLeaf } from './filter-leaves.ts';
import type { MarkingFilter } from './filter-rows.ts';

/** A test of the texts of a column, which asks each text of the dictionary once. */
export function textFilter({ column, verdicts }: Extract<FilterLeaf, { kind: 'text' }>): MarkingFilter {
  return {
    among: (columns, from, to, into) => {
      const { ids, dictionary } = column(columns);
      const known = verdicts.all(dictionary);
      let left = 0;
      for (let row = from; row < to; row++) {
        into[left] = row;
        left += (known[(ids[row] ?? -1) + 1] ?? 1) - 1;
      }
      return left;
    },
    // Few rows may have come this far, and few texts with them.
    of: (columns, rows, count, into) => {
      const { ids, dictionary } = column(columns);
      const known = verdicts.of(dictionary);
      let left = 0;
      for (let i = 0; i < count; i++) {
        const row = rows[i] ?? 0;
        const id = ids[row] ?? -1;
        let verdict = known[id + 1] ?? 1;
        if (verdict === 0) verdict = verdicts.ask(id);
        into[left] = row;
        left += verdict - 1;
      }
      return left;
    },
    markAmong: (columns, from, to, marks) => {
      const { ids, dictionary } = column(columns);
      const known = verdicts.all(dictionary);
      for (let row = from; row < to; row++)
        marks[row - from] = (marks[row - from] ?? 0) | ((known[(ids[row] ?? -1) + 1] ?? 1) - 1);
    },
    markOf: (columns, rows, count, marks) => {
      const { ids, dictionary } = column(columns);
      const known = verdicts.of(dictionary);
      for (let i = 0; i < count; i++) {
        const id = ids[rows[i] ?? 0] ?? -1;
        let verdict = known[id + 1] ?? 1;
        if (verdict === 0) verdict = verdicts.ask(id);
        marks[i] = (marks[i] ?? 0) | (verdict - 1);
      }
    },
  };
}
