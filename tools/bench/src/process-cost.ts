import { readFileSync, writeFileSync } from 'node:fs';

/** Linux reports processor time in hundredths of a second, whatever the kernel's own tick. */
const TICKS_A_SECOND = 100;

/** User and system seconds of a process so far. Linux only: elsewhere 0, and its table says less than it could. */
export function cpuSecondsOf(pid: number | 'self'): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in brackets and may hold spaces; what follows it is numbers.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}

/** Largest resident size since the process began, or since `forgetPeak`. Linux only: elsewhere 0. */
export function peakMbOf(pid: number | 'self'): number {
  try {
    const [, kilobytes = '0'] = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return 0;
  }
}

/** From here on the peak counts anew. Linux only: elsewhere the peak is that of the whole process. */
export function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Another system, or not allowed: the peak is an upper bound then.
  }
}
