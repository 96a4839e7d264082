import { revisionSets } from './revision-sets.ts';
import type { RevisionMessage } from './vintage.ts';

export { revisionSets };
export type { Published, PublishedRow, RevisionMessage, RevisionSet, Vintage } from './vintage.ts';

/** All restatements of the extract, for whoever wants them without their vintages. */
export const dataSets = [
  {
    name: 'three sets of restatements',
    about: 'New York City, Italy and CO2, an extract with the example',
    isThere: () => true,
    history: (): RevisionMessage[] =>
      revisionSets(null).sets.flatMap(({ vintages }) => vintages.flatMap((vintage) => vintage.messages())),
    truths: [],
    isLarge: false,
  },
] as const;

export const queries = [
  {
    name: 'city',
    about: 'a week of New York City’s Bronx, as it is stated now',
    text: `query ($from: DateTime!, $to: DateTime!) {
  nycWeek(key: { area: { eq: "BX" } }, timeRange: { from: $from, to: $to }, first: 3) {
    nodes { windowEnd cases hospitalized deaths }
  }
}`,
    variables: { from: '2020-11-01T00:00:00Z', to: '2020-11-08T00:00:00Z' },
  },
];
