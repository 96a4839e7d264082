import { isTwofoldError } from '@twofold/schemas';
import type { Clock, Cron, Ids, Logger } from '@twofold/service';
import type { RunRecord, ViewStore } from '@twofold/view-store';
import { latestSlot, parseCron, type CronSlots } from './cron-slots.ts';

/** What a job did, for the run's record. */
export interface JobResult {
  readonly release: string | null;
  readonly facts: Readonly<Record<string, number | string>>;
}

export interface Job {
  readonly name: string;
  /** Views or streams concerned. */
  readonly subjects: readonly string[];
  /** Cron expression, UTC. */
  readonly schedule: string;
  run(signal: AbortSignal): Promise<JobResult>;
}

export interface SchedulePorts {
  readonly store: Pick<ViewStore, 'runs'>;
  readonly clock: Clock;
  readonly cron: Cron;
  readonly ids: Ids;
  readonly logger: Logger;
}

/** A running record that has shown no life for this long belongs to a process that is gone. */
const LEASE_MS = 60_000;
const BEAT_MS = 10_000;
/** Failed attempts at one slot before it is left to the next. */
const ATTEMPTS = 3;
/** Even when cron never calls, what is due is looked for this often. */
const LOOK_MS = 5_000;

/**
 * Runs jobs when they are due. Cron only wakes it; what is due is decided by the stored history: the newest slot
 * without a successful run. So a missed tick is caught up once, a doubled one does nothing, a long run skips the slots
 * it covered, and of several schedulers one gets each slot. Safety rests on the control row, not here.
 */
export async function runSchedule(jobs: readonly Job[], ports: SchedulePorts, signal: AbortSignal): Promise<void> {
  let wake: () => void = () => undefined;
  const stops = jobs.map((job) => ports.cron.schedule(job.schedule, () => wake()));
  try {
    const parsed = jobs.map((job) => ({ job, slots: parseCron(job.schedule) }));
    while (!signal.aborted) {
      for (const { job, slots } of parsed) if (!signal.aborted) await tryIfDue(job, slots, ports, signal);
      const woken = new AbortController();
      wake = () => woken.abort();
      await ports.clock.sleep(LOOK_MS, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    }
  } finally {
    for (const stop of stops) stop();
  }
}

/** A history that can not be read or written for now, as on a full disk, is looked at again with the next waking. */
async function tryIfDue(job: Job, slots: CronSlots, ports: SchedulePorts, signal: AbortSignal): Promise<void> {
  try {
    await runIfDue(job, slots, ports, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (!isTwofoldError(error) || !error.retryable) throw error;
    ports.logger.error(`the history of ${job.name} could not be read or written; trying again`, describe(error));
  }
}

/** Runs the job once if its newest slot has no successful run and nobody else is at it. */
export async function runIfDue(
  job: Job,
  slots: CronSlots,
  ports: SchedulePorts,
  signal: AbortSignal,
): Promise<RunRecord | null> {
  const { store, clock } = ports;
  const slot = latestSlot(slots, clock.now());
  if (slot === null) return null;
  const attempt = await nextAttempt(job, slot, ports);
  if (attempt === null) return null;
  // The claim brings the record with it: a process that dies right after leaves a run whose lease ends, not a lost slot.
  const started = startOf(job, slot, attempt, ports);
  if (!(await store.runs.claimSlot(attemptName(job, attempt), slot, started))) return null;
  return goOn(job, started, ports, signal);
}

function attemptName(job: Job, attempt: number): string {
  return attempt === 1 ? job.name : `${job.name}#${attempt}`;
}

/** The number of the attempt that is due at a slot; null when none is. */
async function nextAttempt(job: Job, slot: number, ports: SchedulePorts): Promise<number | null> {
  const runs = await ports.store.runs.list({ job: job.name, limit: 20 });
  let attempts = 0;
  for (const run of runs) {
    if (run.state === 'RUNNING') {
      if (ports.clock.now() - beatOf(run) < LEASE_MS) return null;
      await ports.store.runs.put({ ...run, state: 'ABANDONED', endedAt: ports.clock.now() });
      ports.logger.warn('a run whose process is gone is closed', { run: run.id, job: job.name });
    }
    if (run.slot === null || run.slot < slot) continue;
    if (run.state === 'SUCCEEDED' || run.state === 'SKIPPED' || run.state === 'REFUSED') return null;
    attempts++;
  }
  return attempts < ATTEMPTS ? attempts + 1 : null;
}

function beatOf(run: RunRecord): number {
  return typeof run.facts['beatAt'] === 'number' ? run.facts['beatAt'] : run.startedAt;
}

/** The record of a run as it starts. */
function startOf(job: Job, slot: number, attempt: number, { clock, ids }: SchedulePorts): RunRecord {
  return {
    id: ids.next(),
    job: job.name,
    subjects: job.subjects,
    slot,
    trigger: 'SCHEDULE',
    state: 'RUNNING',
    startedAt: clock.now(),
    endedAt: null,
    release: null,
    error: null,
    facts: { attempt, beatAt: clock.now() },
  };
}

/** Runs a job whose record is stored as running, and records how it ended. Never throws for a failed job. */
async function goOn(job: Job, started: RunRecord, ports: SchedulePorts, signal: AbortSignal): Promise<RunRecord> {
  const { store, clock, logger } = ports;
  const done = new AbortController();
  const beating = beat(started, ports, AbortSignal.any([signal, done.signal]));
  let ended: RunRecord;
  try {
    const { release, facts } = await job.run(signal);
    ended = { ...started, state: 'SUCCEEDED', release, facts: { ...started.facts, ...facts } };
  } catch (error) {
    ended = { ...started, state: stateOf(error, signal), error: describe(error) };
    if (signal.aborted) logger.info(`run of ${job.name} is given up: the process ends`, { run: started.id });
    else logger.error(`run of ${job.name} ended without a result`, { run: started.id, ...describe(error) });
  }
  done.abort();
  await beating;
  ended = { ...ended, endedAt: clock.now() };
  await store.runs.put(ended);
  return ended;
}

/** A refusal that a repetition would only repeat is told apart from a failure. */
function stateOf(error: unknown, signal: AbortSignal): RunRecord['state'] {
  if (signal.aborted) return 'ABANDONED';
  return isTwofoldError(error) && !error.retryable ? 'REFUSED' : 'FAILED';
}

function describe(error: unknown): { code: string; message: string } {
  if (isTwofoldError(error)) return { code: error.code, message: error.message };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}

async function beat(run: RunRecord, ports: SchedulePorts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await ports.clock.sleep(BEAT_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    await ports.store.runs.put({ ...run, facts: { ...run.facts, beatAt: ports.clock.now() } }).catch(() => undefined);
  }
}
