import { enumeration, instant, int, stream, text } from '@twofold/schemas';

/** Requests to a web server, as its access log has them. */
export const requests = stream('requests', {
  description: 'One message per line of an access log.',
  fields: {
    line: int().between(1, 10_000_000).description('Line of the log: requests may be equal in all else'),
    at: instant('s').from('time'),
    client: text().maxLength(45).description('Address of the client'),
    method: enumeration(['GET', 'HEAD', 'POST', 'OPTIONS']),
    status: int().between(100, 599),
    bytes: int().unit('B').between(0, 10_000_000_000).optional().description('Missing where nothing was sent'),
  },
  id: ['line'],
  eventTime: 'at',
  partitionKey: 'client',
  lateness: '1m',
});
