import { avg, count, max, quantile, stddev, sum, tumbling, view, when } from '@twofold/views';
import { flights } from '../streams/flights.ts';

/** Each airport, day by day. */
export const originDay = view('originDay', {
  description: 'Delays by the airport of departure and day.',
  owner: 'operations',
  from: flights,
  version: 1,
  dimensions: (e) => ({ origin: e.origin }),
  window: tumbling('1d'),
  measures: (e) => ({
    flights: count(),
    late: count(when(e.delay.atLeast(15), 1)),
    delay: sum(e.delay),
    meanDelay: avg(e.delay),
    spread: stddev(e.delay),
    usualDelay: quantile(e.delay, 0.5),
    longDelay: quantile(e.delay, 0.95),
    worstDelay: max(e.delay),
  }),
  derived: (m) => ({ lateShare: m.late.dividedBy(m.flights) }),
  levels: { '1d': 'forever' },
  serve: [{ key: ['origin'] }, { key: [] }],
  batch: { schedule: '* * * * *' },
});
