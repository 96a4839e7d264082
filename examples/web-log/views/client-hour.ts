import { count, sum, tumbling, view } from '@twofold/views';
import { requests } from '../streams/requests.ts';

/** Each client, hour by hour: ordered by requests, the busiest clients. */
export const clientHour = view('clientHour', {
  description: 'Requests and bytes by client.',
  owner: 'web',
  from: requests,
  version: 1,
  dimensions: (e) => ({ client: e.client }),
  window: tumbling('1h'),
  measures: (e) => ({ requests: count(), bytes: sum(e.bytes) }),
  levels: { '1h': 'forever' },
  serve: [{ key: [] }, { key: ['client'] }],
  batch: { schedule: '* * * * *' },
});
