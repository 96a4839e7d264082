import { count, sum, tumbling, view } from '@twofold/views';
import { edits } from '../streams/edits.ts';

/** Each page, day by day: ordered by edits, the pages that were edited most. */
export const pageDay = view('pageDay', {
  description: 'Edits and characters by page.',
  owner: 'wiki',
  from: edits,
  version: 1,
  dimensions: (e) => ({ page: e.page }),
  window: tumbling('1d'),
  measures: (e) => ({ edits: count(), added: sum(e.added) }),
  levels: { '1d': 'forever' },
  serve: [{ key: [] }, { key: ['page'] }],
  batch: { schedule: '* * * * *' },
});
