import { halfYear, halfYearIsThere } from './half-year.ts';
import { oneDay } from './one-day.ts';
import { facts, truthsOf } from './truths.ts';

/** What is replayed: the fullest that is there. */
export const dataSets = [
  {
    name: 'half a year of flights',
    about: '3,000,000 flights, looked for in ../shared/data/flights-2001/flights-3m.parquet',
    isThere: halfYearIsThere,
    history: halfYear,
    truths: truthsOf(facts.halfYear),
    isLarge: true,
  },
  {
    name: 'one day of flights',
    about: '17,366 flights of 27 April 2001, with the example',
    isThere: () => true,
    history: oneDay,
    truths: truthsOf(facts.oneDay),
    isLarge: false,
  },
] as const;
