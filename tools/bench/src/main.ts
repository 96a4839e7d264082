import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machine, table, type Measurement } from './measure.ts';
import { p1 } from './p1.ts';
import { p2 } from './p2.ts';
import { v1 } from './v1.ts';
import { v2 } from './v2.ts';
import { v20 } from './v20.ts';
import { w1 } from './w1.ts';
import { w5 } from './w5.ts';
import { w6 } from './w6.ts';
import { w7 } from './w7.ts';
import { w8 } from './w8.ts';

const MINUTES = '--minutes';
/** As `twofold` starts its services (bin/twofold.mjs). */
const V8 = ['--min-semi-space-size=32', '--max-semi-space-size=32'];
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' };
const asked = process.argv.slice(2);
/** Of the long run of W7, which judges the memory: `W7 --minutes 10`. */
const minutes = minutesIn(asked);

const workloads: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  W1: () => w1(2_000_000),
  W5: () => w5(2_000_000),
  W6: () => w6(10_000_000),
  W7: () => w7(minutes === null ? { seconds: 60 } : { minutes }),
  W8: () => w8(),
  P1: () => p1({ switches: 1_000, reads: 1_000_000 }),
  P2: () => p2(1_000),
  V1: () => v1(2_000_000),
  V2: () => v2(1_000_000),
  V20: () => v20(10_000_000),
};

const REPORT = 'docs/BENCHMARKS.md';
const IN_CHILD = '--in-child';
if (asked[0] === IN_CHILD) await runHere(asked[1] ?? '');
else await runAll(asked);

/** One workload, in a process of its own, so that its memory is not another's. */
async function runHere(name: string): Promise<void> {
  const measurements = (await workloads[name]?.()) ?? [];
  process.stderr.write(`${table(measurements)}\n`);
  process.send?.(measurements, () => process.exit(0));
}

async function runAll(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => workloads[name] === undefined);
  if (unknown.length > 0) {
    const known = Object.keys(workloads).join(', ');
    process.stderr.write(`no benchmark is called ${unknown.join(', ')}; there are ${known}\n`);
    process.exitCode = 2;
    return;
  }
  const before = machine();
  const measurements: Measurement[] = [];
  for (const name of names.length > 0 ? names : Object.keys(workloads)) {
    process.stderr.write(`${name} …\n`);
    const args = [IN_CHILD, name, ...(minutes === null ? [] : [MINUTES, String(minutes)])];
    const child = fork(fileURLToPath(import.meta.url), args, {
      env: { ...process.env, ...MALLOC },
      execArgv: [...process.execArgv, ...V8],
    });
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${String(code)} and no figures`);
    });
    const [message] = (await Promise.race([once(child, 'message'), failed])) as [Measurement[]];
    failed.catch(() => undefined);
    measurements.push(...message);
  }
  const text = table(measurements);
  process.stdout.write(`${before}\n\n${text}\n`);
  if (names.length === 0) writeFileSync(REPORT, report(before, text) + notesOf(REPORT));
}

/** What people have written below the table of an earlier run, from its first heading on. */
function notesOf(file: string): string {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const at = before.indexOf('\n## ');
  return at < 0 ? '' : before.slice(at);
}

/** Takes the option out of the arguments. */
function minutesIn(args: string[]): number | null {
  const at = args.indexOf(MINUTES);
  if (at < 0) return null;
  const given = Number(args.splice(at, 2)[1]);
  return given > 0 ? given : null;
}

function report(before: string, text: string): string {
  return `# Benchmarks

Written by \`npm run bench\`, in one run. Machine at its start: ${before}; at its end: ${machine()}.

Each figure stands beside that of its limit program, taken in the same run over the same data. *CPU* is user and system
time of every process that worked for the figure, so it says more than the wall time on a machine that is shared; where
the load average is above the number of processors, both are worse than on a quiet machine. *limit ÷ ours* compares CPU a
unit: 1 means that ours costs as much as the limit program, above 1 less. Programs that must give the same result have
the same checksum, which is taken over every column. One core: one thread folds; the store's writing thread, DuckDB's
process and the garbage collector's threads are counted as CPU.

${text}
`;
}
