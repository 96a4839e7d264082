import { avg, count, distinct, max, quantile, sum, tumbling, view, when } from '@twofold/views';
import { flights } from '../streams/flights.ts';

/** The whole country, hour by hour: a view without a key. */
export const flightHour = view('flightHour', {
  description: 'All flights, by the hour in which they left.',
  owner: 'operations',
  from: flights,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('1h'),
  measures: (e) => ({
    flights: count(),
    late: count(when(e.delay.atLeast(15), 1)),
    early: count(when(e.delay.lessThan(0), 1)),
    delay: sum(e.delay),
    meanDelay: avg(e.delay),
    usualDelay: quantile(e.delay, 0.5),
    longDelay: quantile(e.delay, 0.95),
    worstDelay: max(e.delay),
    miles: sum(e.distance),
    origins: distinct(e.origin),
    destinations: distinct(e.destination),
  }),
  levels: { '1h': 'forever', '1d': 'forever' },
  serve: [{ key: [] }],
  batch: { schedule: '* * * * *' },
});
