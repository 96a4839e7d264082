import { writeFileSync } from 'node:fs';
import { machine, table, type Measurement } from './measure.ts';
import { w1 } from './w1.ts';
import { w5 } from './w5.ts';
import { w6 } from './w6.ts';
import { w7 } from './w7.ts';
import { w8 } from './w8.ts';

const workloads: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  W1: () => w1(2_000_000),
  W5: () => w5(2_000_000),
  W6: () => w6(10_000_000),
  W7: () => w7(20),
  W8: () => w8(),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => workloads[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark is called ${unknown.join(', ')}; there are ${Object.keys(workloads).join(', ')}\n`,
  );
  process.exit(2);
}
const measurements: Measurement[] = [];
for (const [name, run] of Object.entries(workloads)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  measurements.push(...(await run()));
}
const text = table(measurements);
process.stdout.write(`${machine()}\n\n${text}\n`);
if (asked.length === 0)
  writeFileSync(
    'docs/BENCHMARKS.md',
    `# Benchmarks\n\nWritten by \`npm run bench\`, one run: ${machine()}. Each figure stands beside its limit program's, taken in the same run.\nA ratio of 1 means that ours costs as much CPU a unit as the limit program; above 1, less.\n\n${text}\n`,
  );
process.exit(0);
