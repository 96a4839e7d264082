import type { RandomLog } from './random-log.ts';

/** A part of a log, as small as leaving out records in ever smaller runs makes it, for which `fails` still holds. */
export async function smallestLog(log: RandomLog, fails: (part: RandomLog) => Promise<boolean>): Promise<RandomLog> {
  let smallest = log;
  for (let run = Math.ceil(log.records.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < smallest.records.length;) {
      const part = { ...smallest, records: smallest.records.filter((_, i) => i < at || i >= at + run) };
      if (await fails(part)) smallest = part;
      else at += run;
    }
  }
  return smallest;
}
