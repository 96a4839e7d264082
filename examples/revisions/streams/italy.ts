import { date, enumeration, instant, int, stream, text, upsert } from '@twofold/schemas';

const level = () => int().between(-1_000_000_000, 1_000_000_000).optional();

/** Daily counts of the Italian regions, corrected for years. Cumulative ones fall where a region took cases back. */
export const italyRestatements = stream('italy-restatements', {
  description: 'One message for each regional count that was stated for the first time, otherwise, or no more.',
  fields: {
    seq: int().between(1, 1_000_000_000),
    asOf: instant('s').from('as_of'),
    day: date().from('event_date'),
    region: text().maxLength(64),
    op: enumeration(['insert', 'update', 'delete']),
    revision: int().between(1, 1_000_000),
    hospitalized: level(),
    icu: level(),
    homeIsolation: level().from('home_isolation'),
    recovered: level(),
    deaths: level(),
    totalCases: level().from('total_cases'),
    tests: level(),
  },
  id: ['seq'],
  eventTime: 'asOf',
  partitionKey: 'region',
});

export const italyDays = upsert('italy-days', {
  description: 'Changes of the regional counts.',
  of: italyRestatements,
  key: ['region', 'day'],
  revision: 'revision',
  operation: { field: 'op', deletes: ['delete'] },
  keep: ['hospitalized', 'icu', 'homeIsolation', 'recovered', 'deaths', 'totalCases', 'tests'],
  eventTime: 'day',
});
