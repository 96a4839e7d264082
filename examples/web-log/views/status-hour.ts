import { count, max, sum, tumbling, view } from '@twofold/views';
import { requests } from '../streams/requests.ts';

/** Each status, hour by hour. */
export const statusHour = view('statusHour', {
  description: 'Requests and bytes by status of the response.',
  owner: 'web',
  from: requests,
  version: 1,
  dimensions: (e) => ({ status: e.status }),
  window: tumbling('1h'),
  measures: (e) => ({ requests: count(), withBody: count(e.bytes), bytes: sum(e.bytes), largest: max(e.bytes) }),
  levels: { '1h': 'forever', '1d': 'forever' },
  serve: [{ key: [] }, { key: ['status'] }],
  batch: { schedule: '* * * * *' },
});
