import { count, distinct, sum, tumbling, view, when } from '@twofold/views';
import { edits } from '../streams/edits.ts';

/** Each Wikipedia, hour by hour. */
export const channelHour = view('channelHour', {
  description: 'Edits, characters and different users by channel.',
  owner: 'wiki',
  from: edits,
  version: 1,
  dimensions: (e) => ({ channel: e.channel }),
  window: tumbling('1h'),
  measures: (e) => ({
    edits: count(),
    byRobots: count(when(e.robot, e.line)),
    added: sum(e.added),
    deleted: sum(e.deleted),
    users: distinct(e.user, { precision: 14 }),
  }),
  levels: { '1h': 'forever' },
  serve: [{ key: [] }, { key: ['channel'] }],
  batch: { schedule: '* * * * *' },
});
