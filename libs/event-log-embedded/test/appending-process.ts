/**
 * A process that appends until it is killed: started by kill.test.ts with a folder and the number of the first record.
 * Prints the number of each append that was acknowledged.
 */
import { record } from '@twofold/event-log/testing';
import { openTestLog } from './make-log.ts';

const [directory = '', from = '0'] = process.argv.slice(2);
const log = await openTestLog(directory, { segmentBytes: 20_000 });
await log.ensureTopic('a', { partitions: 1 });
process.stdout.write('open\n');
const inFlight: Promise<void>[] = [];
for (let next = Number(from); ; next++) {
  const values = [0, 1, 2].map((k) => record('k', `${next}.${k}:${'x'.repeat(next % 90)}`));
  const number = next;
  inFlight.push(
    log.append('a', values).then(() => {
      process.stdout.write(`${number}\n`);
    }),
  );
  if (inFlight.length >= 4) await inFlight.shift();
}
