import { readFileSync } from 'node:fs';

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
