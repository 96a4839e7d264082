import { count, sum, tumbling, view } from '@twofold/views';
import { nycDays } from '../streams/nyc.ts';

export const nycDay = view('nycDay', {
  from: nycDays,
  version: 1,
  description: 'The counts of an area and day, as they are stated now.',
  dimensions: (e) => ({ area: e.area }),
  window: tumbling('1d'),
  measures: (e) => ({ rows: count(), cases: sum(e.cases), hospitalized: sum(e.hospitalized), deaths: sum(e.deaths) }),
  levels: { '1d': 'forever' },
  serve: [{ key: ['area'] }],
});
