import { history } from './log-lines.ts';
import { truths } from './truths.ts';

/** What is replayed. */
export const dataSets = [
  {
    name: 'four days of a web server',
    about: '10,000 lines of an access log, with the example',
    isThere: () => true,
    history,
    truths,
    isLarge: false,
  },
] as const;
