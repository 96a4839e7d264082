import { cpus, loadavg } from 'node:os';
import { forgetPeak, peakMbOf } from './process-cost.ts';

/** One figure of a benchmark, with what it cost. */
export interface Measurement {
  readonly workload: string;
  readonly program: string;
  readonly units: number;
  /** What a unit is: messages, rows, answers. */
  readonly unit: string;
  readonly wallSeconds: number;
  /** User and system, of this process and of the children that worked for it. */
  readonly cpuSeconds: number;
  readonly peakMemoryMb: number;
  /** Every column consumed; equal for programs that must give the same result. */
  readonly checksum: string;
}

/** What a program did. What children cost is added to what this process cost. */
export interface Outcome {
  readonly units: number;
  /** A function is called when the clock has stopped. */
  readonly checksum: string | (() => string);
  readonly childCpuSeconds?: number;
  readonly childPeakMb?: number;
}

/** Runs a program once in this process and weighs it. */
export async function measure(
  of: { readonly workload: string; readonly program: string; readonly unit: string },
  run: () => Promise<Outcome>,
): Promise<Measurement> {
  forgetPeak();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { units, checksum, childCpuSeconds = 0, childPeakMb = 0 } = await run();
  const wallSeconds = (performance.now() - start) / 1_000;
  const used = process.cpuUsage(cpu);
  const cpuSeconds = (used.user + used.system) / 1e6 + childCpuSeconds;
  const own = peakMbOf('self') || process.resourceUsage().maxRSS / 1024;
  const named = typeof checksum === 'string' ? checksum : checksum();
  return { ...of, units, wallSeconds, cpuSeconds, peakMemoryMb: own + childPeakMb, checksum: named };
}

/** A Markdown table of one run: every figure beside its limit program's, with the ratio of CPU-seconds a unit. */
export function table(measurements: readonly Measurement[]): string {
  const head = [
    '| workload | program | wall rate | a CPU-second | CPU a unit | CPU s | wall s | peak MB | limit ÷ ours (CPU) | checksum |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  return [...head, ...measurements.map((m) => `| ${cellsOf(m, measurements).join(' | ')} |`)].join('\n');
}

function cellsOf(m: Measurement, all: readonly Measurement[]): string[] {
  const limit = all.find((other) => other.workload === m.workload && other.program.startsWith('limit'));
  const cpuOf = (of: Measurement): number => of.cpuSeconds / of.units;
  return [
    m.workload,
    m.program,
    `${whole(m.units / m.wallSeconds)} ${m.unit}/s`,
    `${whole(1 / cpuOf(m))} ${m.unit}`,
    `${(cpuOf(m) * 1e6).toFixed(2)} µs`,
    m.cpuSeconds.toFixed(2),
    m.wallSeconds.toFixed(2),
    m.peakMemoryMb.toFixed(0),
    limit === undefined || limit === m ? '' : (cpuOf(limit) / cpuOf(m)).toFixed(2),
    m.checksum,
  ];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** The machine, and how busy it is: other programs' work makes wall times worse, and CPU-seconds a little. */
export function machine(): string {
  const [first] = cpus();
  const load = loadavg().map((n) => n.toFixed(1));
  return `${cpus().length} × ${first?.model ?? 'unknown'}, Node ${process.versions.node}, load average ${load.join(' ')}`;
}
