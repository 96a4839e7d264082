import { availableParallelism, cpus, loadavg } from 'node:os';
import { runServices } from '../run-services.ts';
import { answersFromCassandra } from './answers-from-cassandra.ts';
import { kafkaToCassandra } from './kafka-to-cassandra.ts';
import type { Rate } from './rate.ts';
import { rowsIntoCassandra } from './rows-into-cassandra.ts';

/**
 * `npm run rates [-- kafka rows answers]`: rates over a Kafka and a Cassandra that
 * are up (`npm run services -- up`) or that are started here, each beside what the servers and the driver do by themselves.
 */
const measures: Readonly<Record<string, (servers: { kafka: string; cassandra: string }) => Promise<readonly Rate[]>>> =
  {
    kafka: kafkaToCassandra,
    rows: rowsIntoCassandra,
    answers: answersFromCassandra,
  };
const user = ['--for', String(process.pid)];
const found = await runServices(['up', ...user]);
const addressOf = (service: string): string => found.find((each) => each.service === service)?.address ?? '';
const servers = { kafka: addressOf('kafka'), cassandra: addressOf('cassandra') };
const asked = process.argv.slice(2);
process.stdout.write(
  `${availableParallelism()} × ${cpus()[0]?.model ?? ''}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1) ?? ''}\n`,
);
process.stdout.write(
  '| what | program | wall rate | a CPU-second of ours | remarks |\n| --- | --- | --- | --- | --- |\n',
);
try {
  for (const [name, measure] of Object.entries(measures)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    for (const { what, program, units, unit, wallSeconds, cpuSeconds, remarks } of await measure(servers)) {
      const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');
      const cpu = cpuSeconds === null ? '' : `${whole(units / cpuSeconds)} ${unit}`;
      process.stdout.write(
        `| ${what} | ${program} | ${whole(units / wallSeconds)} ${unit}/s | ${cpu} | ${remarks} |\n`,
      );
    }
  }
} finally {
  await runServices(['down', ...user]);
}
process.exit();
