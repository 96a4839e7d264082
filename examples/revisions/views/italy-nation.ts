import { count, sum, tumbling, view } from '@twofold/views';
import { italyDays } from '../streams/italy.ts';

export const italyNation = view('italyNation', {
  from: italyDays,
  version: 1,
  description: 'The regions of Italy, summed by day.',
  dimensions: () => ({}),
  window: tumbling('1d'),
  measures: (e) => ({
    regions: count(),
    hospitalized: sum(e.hospitalized),
    icu: sum(e.icu),
    homeIsolation: sum(e.homeIsolation),
    recovered: sum(e.recovered),
    deaths: sum(e.deaths),
    totalCases: sum(e.totalCases),
    tests: sum(e.tests),
  }),
  levels: { '1d': 'forever' },
  serve: [{ key: [] }],
});
