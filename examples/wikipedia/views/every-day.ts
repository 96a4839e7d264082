import { calendar, count, distinct, sum, view } from '@twofold/views';
import { edits } from '../streams/edits.ts';

/** Everything together, by days of California: the file begins and ends inside one of them. */
export const everyDay = view('everyDay', {
  description: 'Edits, users, pages and characters of a day in San Francisco.',
  owner: 'wiki',
  from: edits,
  version: 1,
  dimensions: () => ({}),
  window: calendar('day', { zone: 'America/Los_Angeles' }),
  measures: (e) => ({
    edits: count(),
    users: distinct(e.user, { precision: 16 }),
    pages: distinct(e.page, { precision: 16 }),
    added: sum(e.added),
    deleted: sum(e.deleted),
    change: sum(e.added.minus(e.deleted)),
  }),
  levels: { '1h': 'forever' },
  serve: [{ key: [] }],
  batch: { schedule: '* * * * *' },
});
