import { count, distinct, quantile, sum, tumbling, view } from '@twofold/views';
import { requests } from '../streams/requests.ts';

/** Ten seconds at a time, in which the log is out of order by up to a minute: nothing is dropped. */
export const tenSeconds = view('tenSeconds', {
  description: 'All requests, in windows that are shorter than the disorder of the log.',
  owner: 'web',
  from: requests,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('10s'),
  measures: (e) => ({
    requests: count(),
    bytes: sum(e.bytes),
    clients: distinct(e.client, { precision: 14 }),
    usualBytes: quantile(e.bytes, 0.5),
  }),
  levels: { '10s': 'forever', '1m': 'forever', '1h': 'forever' },
  serve: [{ key: [] }],
  batch: { schedule: '* * * * *' },
});
