import { date, decimal, enumeration, instant, int, stream, upsert } from '@twofold/schemas';

const ppm = () => decimal(2).unit('ppm').between(-1_000, 10_000).optional();

/** Carbon dioxide at Mauna Loa by month, every one of which was restated many times. */
export const co2Restatements = stream('co2-restatements', {
  description: 'One message for each month whose values were published for the first time, or otherwise.',
  fields: {
    seq: int().between(1, 1_000_000_000),
    asOf: instant('s').from('as_of'),
    month: date().from('event_month').description('Its first day.'),
    op: enumeration(['insert', 'update', 'delete']),
    revision: int().between(1, 1_000_000),
    average: ppm().from('average_ppm'),
    interpolated: ppm().from('interpolated_ppm'),
    trend: ppm().from('trend_ppm'),
  },
  id: ['seq'],
  eventTime: 'asOf',
  partitionKey: 'month',
});

export const co2Months = upsert('co2-months', {
  description: 'Changes of the monthly values.',
  of: co2Restatements,
  key: ['month'],
  revision: 'revision',
  operation: { field: 'op', deletes: ['delete'] },
  keep: ['average', 'interpolated', 'trend'],
  eventTime: 'month',
});
