import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { messageOf, type FlightMessage } from './message.ts';

/** The 17,366 flights of 27 April 2001, which come with the example, in the order of the published table. */
export function* oneDay(): Generator<FlightMessage> {
  const bytes = gunzipSync(readFileSync(new URL('../data/2001-04-27.csv.gz', import.meta.url)));
  const [, ...lines] = bytes.toString('latin1').trimEnd().split('\n');
  for (const line of lines) {
    const [row = '', departure = '', delay = '', distance = '', origin = '', destination = ''] = line.split(',');
    yield messageOf(Number(row), departure, [delay, distance], [origin, destination]);
  }
}
