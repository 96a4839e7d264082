import { count, distinct, session, sum, view } from '@twofold/views';
import { edits } from '../streams/edits.ts';

/** What each user did without a pause of half an hour. */
export const userSessions = view('userSessions', {
  description: 'Edits, pages and characters of a user in one go.',
  owner: 'wiki',
  from: edits,
  version: 1,
  dimensions: (e) => ({ user: e.user }),
  window: session('30m'),
  measures: (e) => ({ edits: count(), pages: distinct(e.page), added: sum(e.added) }),
  levels: { '6h': 'forever' },
  serve: [{ key: [] }, { key: ['user'] }],
  batch: { schedule: '* * * * *' },
});
