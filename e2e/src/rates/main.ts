import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runServices } from '../run-services.ts';
import { answersFromCassandra } from './answers-from-cassandra.ts';
import { freshnessOverServers } from './freshness-over-servers.ts';
import { kafkaToCassandra } from './kafka-to-cassandra.ts';
import type { Rate, RatedServers, RatesAsked } from './rate.ts';
import { rowsIntoCassandra } from './rows-into-cassandra.ts';

const USAGE = `npm run rates [-- kafka rows answers freshness] [--rate N] [--seconds S]
  --rate N     messages a second while freshness is measured (10000)
  --seconds S  how long it is (60), after ten seconds of warming up
Rates over a Kafka and a Cassandra that are up (npm run services -- up) or that are started here, each beside what the
servers and the driver do by themselves; freshness with the processor and the memory that each process takes.`;

type Measure = (servers: RatedServers, asked: RatesAsked) => Promise<readonly Rate[]>;
const measures: Readonly<Record<string, Measure>> = {
  kafka: kafkaToCassandra,
  rows: rowsIntoCassandra,
  answers: answersFromCassandra,
  freshness: freshnessOverServers,
};
/** Names and settings; null when they can not be understood. */
function readArguments(): { readonly names: readonly string[]; readonly asked: RatesAsked } | null {
  try {
    const text = { type: 'string' } as const;
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { rate: text, seconds: text } });
    const asked = { ratePerSecond: Number(values.rate ?? 10_000), seconds: Number(values.seconds ?? 60) };
    const known = positionals.every((name) => Object.hasOwn(measures, name));
    const sound = Object.values(asked).every((value) => Number.isInteger(value) && value > 0);
    return known && sound ? { names: positionals, asked } : null;
  } catch {
    return null;
  }
}

const read = readArguments();
if (read === null) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
const { names, asked } = read;
const user = ['--for', String(process.pid)];
const found = await runServices(['up', ...user]);
const addressOf = (service: string): string => found.find((each) => each.service === service)?.address ?? '';
const servers: RatedServers = {
  kafka: addressOf('kafka'),
  cassandra: addressOf('cassandra'),
  processes: found.map(({ service, pids }) => ({ name: service, pids: pids ?? [] })),
};
process.stdout.write(
  `${availableParallelism()} × ${cpus()[0]?.model ?? ''}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1) ?? ''}\n`,
);
process.stdout.write(
  '| what | program | wall rate | a CPU-second of ours | remarks |\n| --- | --- | --- | --- | --- |\n',
);
try {
  for (const [name, measure] of Object.entries(measures)) {
    if (names.length > 0 && !names.includes(name)) continue;
    for (const { what, program, units, unit, wallSeconds, cpuSeconds, remarks } of await measure(servers, asked)) {
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
