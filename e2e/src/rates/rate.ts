import { readFileSync } from 'node:fs';
import type { Servers } from '../run-services.ts';

/** What was measured, and what it cost the process that is ours. */
export interface Rate {
  readonly what: string;
  readonly program: string;
  readonly unit: string;
  readonly units: number;
  readonly wallSeconds: number;
  /** Null where it was not measured. */
  readonly cpuSeconds: number | null;
  readonly remarks: string;
}

const TICKS_A_SECOND = 100;

/** User and system time of a process so far, seconds (Linux). */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Resident memory of a process now, MB (Linux). */
export function residentMbOf(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** What is looked at as one: a service, or a server's processes. */
export interface MeasuredProcess {
  readonly name: string;
  readonly pids: readonly number[];
}

/** The servers that rates are over; their processes are none where they are others'. */
export interface RatedServers extends Servers {
  readonly processes: readonly MeasuredProcess[];
}

/** How long and at what rate freshness is measured. */
export interface RatesAsked {
  readonly ratePerSecond: number;
  readonly seconds: number;
}

/** What processes cost from when it was made. */
export class CostWatch {
  readonly #processes: readonly (MeasuredProcess & { readonly before: number })[];
  readonly #begun = performance.now();

  constructor(processes: readonly MeasuredProcess[]) {
    this.#processes = processes.map((each) => ({ ...each, before: cpuOf(each) }));
  }

  /** Share of a processor and resident memory of each, in words. */
  summary(): string {
    const seconds = (performance.now() - this.#begun) / 1_000;
    return this.#processes
      .map((each) => {
        const share = (100 * (cpuOf(each) - each.before)) / seconds;
        const megabytes = each.pids.reduce((sum, pid) => sum + residentMbOf(pid), 0);
        return `${each.name} ${share.toFixed(0)} % of a core, ${megabytes.toFixed(0)} MB`;
      })
      .join('; ');
  }
}

function cpuOf({ pids }: MeasuredProcess): number {
  return pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
}
