import { isTwofoldError } from '@twofold/schemas';
import { parseCron } from '@twofold/schedules';
import { JobRunner } from './job-runner.ts';
import type { Job } from './job.ts';
import { SCHEDULE_TIMES, type SchedulePorts } from './schedule-ports.ts';

/**
 * Runs jobs when they are due. Cron only wakes it; what is due is decided by each job's stored row: slots that are not
 * settled, as the schedule's policies have it, and then old work that people asked for. Of several schedulers one
 * acts: it holds the job, and what it changes carries its fence.
 */
export async function runSchedule(jobs: readonly Job[], ports: SchedulePorts, signal: AbortSignal): Promise<void> {
  let wake: () => void = () => undefined;
  const { lookMs } = ports.times ?? SCHEDULE_TIMES;
  const stops = jobs.map((job) => ports.cron.schedule(parseCron(job.schedule.cron).expression, () => wake()));
  try {
    const runners = jobs.map((job) => new JobRunner(job, ports));
    while (!signal.aborted) {
      const ran = await runWhatIsDue(runners, ports, signal);
      // What a run has left behind, a queued slot or the next piece of a backfill, does not wait for the next look.
      if (ran) continue;
      const woken = new AbortController();
      wake = () => woken.abort();
      await ports.clock.sleep(lookMs, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    }
  } finally {
    for (const stop of stops) stop();
  }
}

/** Every slot that is due, of any job; old work only when there was none. True when something ended well. */
async function runWhatIsDue(
  runners: readonly JobRunner[],
  ports: SchedulePorts,
  signal: AbortSignal,
): Promise<boolean> {
  let ran = false;
  for (const runner of runners)
    if (!signal.aborted) ran = (await patiently(() => runner.runSlot(signal), ports, signal)) || ran;
  for (const runner of runners)
    if (!signal.aborted && !ran) ran = await patiently(() => runner.runAsked(signal), ports, signal);
  return ran;
}

/** A row or a history that can not be read or written for now, as on a full disk, is looked at again with the next waking. */
async function patiently(
  look: () => Promise<boolean>,
  { logger }: SchedulePorts,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await look();
  } catch (error) {
    if (signal.aborted) return false;
    if (!isTwofoldError(error) || (!error.retryable && error.code !== 'OUTCOME_UNKNOWN')) throw error;
    logger.error('the schedule could not be looked at; trying again', { code: error.code, message: error.message });
    return false;
  }
}
