import { date, enumeration, instant, int, stream, upsert } from '@twofold/schemas';

const many = () => int().between(0, 10_000_000).optional();

/** New York City's daily counts, stated anew whenever the Health Department published its file. */
export const nycRestatements = stream('nyc-restatements', {
  description: 'One message for each count that a published file stated for the first time, otherwise, or no more.',
  fields: {
    seq: int().between(1, 1_000_000_000),
    asOf: instant('s').from('as_of').description('When the file was published.'),
    day: date().from('event_date'),
    area: enumeration(['NYC', 'BX', 'BK', 'MN', 'QN', 'SI']),
    op: enumeration(['insert', 'update', 'delete']),
    revision: int().between(1, 1_000_000),
    cases: many(),
    hospitalized: many(),
    deaths: many(),
  },
  id: ['seq'],
  eventTime: 'asOf',
  partitionKey: 'area',
});

/** The counts that hold: what is restated is taken back and added anew. A blank count is not stated, and stays. */
export const nycDays = upsert('nyc-days', {
  description: 'Changes of the daily counts.',
  of: nycRestatements,
  key: ['area', 'day'],
  revision: 'revision',
  operation: { field: 'op', deletes: ['delete'] },
  keep: ['cases', 'hospitalized', 'deaths'],
  eventTime: 'day',
});
