import { count, sum, tumbling, view } from '@twofold/views';
import { co2Months } from '../streams/co2.ts';

export const co2Month = view('co2Month', {
  from: co2Months,
  version: 1,
  description: 'The values of a month, under its first day, as they are stated now.',
  dimensions: () => ({}),
  window: tumbling('1d'),
  measures: (e) => ({ rows: count(), average: sum(e.average), interpolated: sum(e.interpolated), trend: sum(e.trend) }),
  levels: { '1d': 'forever' },
  serve: [{ key: [] }],
});
