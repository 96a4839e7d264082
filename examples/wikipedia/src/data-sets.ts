import { extract, full, fullIsThere } from './edit-lines.ts';
import { truths } from './truths.ts';

/** What is replayed: the fullest that is there. Both are the same edits; what differs is names. */
export const dataSets = [
  {
    name: 'a day of edits, with names',
    about: '39,244 edits, looked for in ../shared/data/wikipedia-edits',
    isThere: fullIsThere,
    history: full,
    truths,
    isLarge: false,
  },
  {
    name: 'a day of edits',
    about: '39,244 edits with users and rare pages numbered, with the example',
    isThere: () => true,
    history: extract,
    truths,
    isLarge: false,
  },
] as const;
