import { boolean, instant, int, stream, text } from '@twofold/schemas';

/** Edits of Wikipedia, as its channels tell them. */
export const edits = stream('edits', {
  description: 'One message per edit.',
  fields: {
    line: int().between(1, 10_000_000).description('Line of the file: edits may be equal in all else'),
    at: instant('ms').from('time'),
    channel: text().maxLength(40).description('Which Wikipedia'),
    page: text().maxLength(300),
    user: text().maxLength(200),
    robot: boolean(),
    added: int().between(0, 10_000_000).description('Characters'),
    deleted: int().between(0, 10_000_000).description('Characters'),
  },
  id: ['line'],
  eventTime: 'at',
  partitionKey: 'user',
  lateness: '1m',
});
