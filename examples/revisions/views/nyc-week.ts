import { avg, count, sliding, view } from '@twofold/views';
import { nycDays } from '../streams/nyc.ts';

export const nycWeek = view('nycWeek', {
  from: nycDays,
  version: 1,
  description: 'Means of seven days, the day of the window’s end being the last.',
  dimensions: (e) => ({ area: e.area }),
  window: sliding('7d', { every: '1d' }),
  measures: (e) => ({ days: count(), cases: avg(e.cases), hospitalized: avg(e.hospitalized), deaths: avg(e.deaths) }),
  levels: { '1d': 'forever' },
  serve: [{ key: ['area'] }],
});
