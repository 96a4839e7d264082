import type { Columns } from '@twofold/schemas';
import type { FilterLeaf } from './filter-leaves.ts';
import type { RowFilter } from './filter-rows.ts';

type Among = RowFilter['among'];
type Within = Extract<FilterLeaf, { kind: 'within' }>;
type Text = Extract<FilterLeaf, { kind: 'text' }>;

/** Rows for which one of two leaves is TRUE, in one pass over both columns: there are no marks to write and to read again. */
export function eitherAmong(a: FilterLeaf, b: FilterLeaf): Among {
  if (a.kind === 'text') return b.kind === 'text' ? eitherText(a, b) : textOrWithin(a, b);
  return b.kind === 'text' ? textOrWithin(b, a) : eitherWithin(a, b);
}

function textOrWithin(text: Text, { column, least, most, flip }: Within): Among {
  return (columns, from, to, into) => {
    const { ids, verdicts } = textsOf(text, columns);
    const { values, valid } = column(columns);
    let left = 0;
    for (let row = from; row < to; row++) {
      const value = values[row] ?? 0;
      const isWithin = (valid[row] ?? 0) & ((Number(value >= least) & Number(value <= most)) ^ flip);
      into[left] = row;
      left += isWithin | ((verdicts[(ids[row] ?? -1) + 1] ?? 1) - 1);
    }
    return left;
  };
}

function eitherText(a: Text, b: Text): Among {
  return (columns, from, to, into) => {
    const first = textsOf(a, columns);
    const second = textsOf(b, columns);
    const [ids, others] = [first.ids, second.ids];
    const [known, knownOfOthers] = [first.verdicts, second.verdicts];
    let left = 0;
    for (let row = from; row < to; row++) {
      into[left] = row;
      left += ((known[(ids[row] ?? -1) + 1] ?? 1) - 1) | ((knownOfOthers[(others[row] ?? -1) + 1] ?? 1) - 1);
    }
    return left;
  };
}

function eitherWithin(a: Within, b: Within): Among {
  return (columns, from, to, into) => {
    const { values, valid } = a.column(columns);
    const { values: others, valid: areValid } = b.column(columns);
    let left = 0;
    for (let row = from; row < to; row++) {
      const value = values[row] ?? 0;
      const other = others[row] ?? 0;
      const isFirst = (valid[row] ?? 0) & ((Number(value >= a.least) & Number(value <= a.most)) ^ a.flip);
      const isSecond = (areValid[row] ?? 0) & ((Number(other >= b.least) & Number(other <= b.most)) ^ b.flip);
      into[left] = row;
      left += isFirst | isSecond;
    }
    return left;
  };
}

function textsOf({ column, verdicts }: Text, columns: Columns): { ids: Int32Array; verdicts: Uint8Array } {
  const { ids, dictionary } = column(columns);
  return { ids, verdicts: verdicts.all(dictionary) };
}
