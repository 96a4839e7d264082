import { liftFence, type JobMark } from '@twofold/releases';
import { isTwofoldError } from '@twofold/schemas';
import {
  dueAsked,
  dueSlot,
  hold,
  LeaseWatch,
  newJob,
  parseCron,
  pieceOf,
  release,
  takeOver,
  type Asked,
  type DueSlot,
  type JobRow,
  type RunRecord,
  type Timetable,
} from '@twofold/schedules';
import { changeControl, readControl } from './change-control.ts';
import { changeJob } from './change-job.ts';
import { BatchError } from './errors.ts';
import { Holding } from './holding.ts';
import type { Job, Lack, RunWork } from './job.ts';
import { SCHEDULE_TIMES, type SchedulePorts } from './schedule-ports.ts';
import { withoutData } from './without-data.ts';

/** One scheduler's part in one job: looks what is due, holds the job while it runs, records how that ended. */
export class JobRunner {
  readonly #job: Job;
  readonly #ports: SchedulePorts;
  readonly #timetable: Timetable;
  readonly #watch: LeaseWatch;
  readonly #startedAt: number;
  /** Monotonic; a run that waits is not looked at before. */
  #notBefore = -Infinity;
  /** The record of the run that ended last may be missing in the history. */
  #unrecorded = true;

  constructor(job: Job, ports: SchedulePorts) {
    this.#job = job;
    this.#ports = ports;
    this.#timetable = { schedule: job.schedule, table: parseCron(job.schedule.cron) };
    this.#watch = new LeaseWatch((ports.times ?? SCHEDULE_TIMES).leaseMs);
    this.#startedAt = ports.clock.monotonic();
  }

  /** Runs the slot that is due, if one is. True when it ended well. */
  async runSlot(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#ports;
    const row = await this.#look(signal);
    const upSince = clock.now() - (clock.monotonic() - this.#startedAt);
    const due = row === null ? null : dueSlot(row, this.#timetable, { now: clock.now(), upSince });
    if (row === null || due === null) return false;
    const waiting = row.trying?.waiting ?? null;
    if (waiting?.slot === due.slot && clock.monotonic() < this.#notBefore) return false;
    if (waiting !== null && waiting.slot !== due.slot) await this.#refuseWaiting(waiting, due);
    const run = this.#recordOf(row, due, waiting?.slot === due.slot ? waiting : null);
    return this.#run(row, run, null, signal);
  }

  /** Does a piece of old work that people asked for, if there is some. True when it ended well. */
  async runAsked(signal: AbortSignal): Promise<boolean> {
    const row = await this.#look(signal);
    const asked = row === null ? null : dueAsked(row, { now: this.#ports.clock.now() });
    if (row === null || asked === null) return false;
    const base = this.#recordOf(row, null, null);
    const run = { ...base, subjects: asked.views, attempt: asked.failures + 1 };
    return asked.kind === 'RETRY'
      ? this.#run(row, { ...run, trigger: 'RETRY', retryOf: asked.run }, asked, signal)
      : this.#run(row, { ...run, trigger: 'BACKFILL', facts: piece(asked) }, asked, signal);
  }

  /** The row as it is; a holder that has shown no life for a lease is closed first. Null: somebody holds the job. */
  async #look(signal: AbortSignal): Promise<JobRow | null> {
    const { store, clock, logger } = this.#ports;
    const { name } = this.#job;
    let row = await store.jobs.read(name);
    if (row === null) {
      const first = newJob(name, store.incarnation, this.#timetable, clock.now());
      row = await changeJob(
        store.jobs,
        clock,
        name,
        { make: (now) => (now === null ? first : null), isMade: () => true },
        signal,
      );
      row ??= await store.jobs.read(name);
    }
    if (row !== null && this.#watch.isOver(row, clock.monotonic())) {
      const gone = row;
      row = await this.#change((now) => (isSame(now, gone) ? takeOver(now, clock.now(), this.#timetable) : null), {
        isMade: (now) => now.holder === null && now.last?.id === gone.holder?.run.id,
        signal,
      });
      this.#unrecorded = true;
      logger.warn('a run whose process is gone is closed', { run: gone.holder?.run.id, job: name });
    }
    if (row?.last != null && row.holder === null && this.#unrecorded) await this.#record(row.last);
    return row?.holder === null ? row : null;
  }

  async #run(row: JobRow, run: RunRecord, asked: Asked | null, signal: AbortSignal): Promise<boolean> {
    const { logger } = this.#ports;
    const held = await this.#change((now) => hold(now, run, asked?.id ?? null, this.#timetable.table), {
      isMade: (now) => now.fence === run.fence && now.holder?.run.id === run.id,
      signal,
    });
    if (held === null) return false;
    const holding = new Holding(run, this.#timetable, this.#ports, signal);
    let ended: RunRecord;
    try {
      await this.#record(run);
      ended = await this.#work(row, asked, holding);
    } catch (error) {
      ended = { ...holding.record, ...failureOf(error, holding, signal) };
      const told = ended.error?.code === 'UNEXPECTED' ? withoutData(error) : { code: ended.error?.code };
      logger.error(`run of ${run.job} ended without a result; its record says why`, { run: run.id, ...told });
    }
    return this.#end(ended, holding);
  }

  async #work(row: JobRow, asked: Asked | null, holding: Holding): Promise<RunRecord> {
    const { clock } = this.#ports;
    const { record: run, signal } = holding;
    const done = row.clean ? null : await this.#liftFence(run, signal);
    if (run.slot !== null && done?.slot === run.slot && done.run !== run.id)
      return { ...run, state: 'SUCCEEDED', release: done.release, facts: { ...run.facts, doneBy: done.run ?? '' } };
    const reasons = await this.#lacks(asked, holding);
    if (reasons.length > 0) {
      this.#notBefore = clock.monotonic() + (this.#ports.times ?? SCHEDULE_TIMES).readyMs;
      const waits = asked === null && clock.now() - run.startedAt < this.#job.schedule.ready.withinMs;
      return waits ? { ...run, state: 'WAITING', reasons } : { ...holding.record, ...refused(reasons) };
    }
    const result = await this.#job.run(this.#workOf(run, asked, holding), signal);
    const { release: made, facts, outputs = [], error = null } = result;
    const state = error === null ? 'SUCCEEDED' : 'FAILED';
    const { record } = holding;
    return { ...record, state, release: made, outputs, error, facts: { ...record.facts, ...facts } };
  }

  /** Why it may not begin. What is passed is told in the record; old work that has its place in the log lacks nothing. */
  async #lacks(asked: Asked | null, holding: Holding): Promise<string[]> {
    if (asked !== null && (asked.kind === 'BACKFILL' || asked.cuts !== null)) return [];
    const passing = asked?.passing ?? [];
    const lacks = (await this.#job.ready?.(holding.signal)) ?? [];
    const isPassed = ({ pass }: Lack): boolean => pass !== undefined && passing.includes(pass);
    holding.pass(
      lacks
        .filter(isPassed)
        .map(({ pass = '', why }) => ({ gate: pass, severity: 'warn', passed: false, detail: why })),
    );
    return lacks.filter((lack) => !isPassed(lack)).map(({ why }) => why);
  }

  #workOf(run: RunRecord, asked: Asked | null, holding: Holding): RunWork {
    const { job, fence = 0, id, slot } = run;
    return {
      views: asked?.views ?? this.#job.subjects,
      cuts: asked?.kind === 'RETRY' ? asked.cuts : null,
      again: asked?.kind === 'BACKFILL' ? pieceOf(asked) : null,
      passing: asked?.kind === 'RETRY' ? (asked.passing ?? []) : [],
      isLast: (run.attempt ?? 1) >= this.#job.schedule.attempts,
      mark: { job, fence, run: id, slot },
      note: (note) => holding.note(note),
    };
  }

  /** Whoever held the job before may still be about to act: from here on the control row refuses it. Gives what it did last. */
  async #liftFence(run: RunRecord, signal: AbortSignal): Promise<JobMark | null> {
    const { store, clock } = this.#ports;
    const { job, fence = 0 } = run;
    // Without a control row there is nothing that anybody could change.
    if ((await readControl(store.control, clock, signal)) === null) return null;
    const outcome = await changeControl(
      store.control,
      clock,
      {
        make: (row) => liftFence(row, job, fence),
        effect: (row) => ((row.jobs?.[job]?.fence ?? 0) >= fence ? 'DONE' : 'NOT_DONE'),
      },
      signal,
    );
    return outcome.kind === 'DONE' || outcome.kind === 'NOTHING' ? (outcome.row.jobs?.[job] ?? null) : null;
  }

  /** True when it ended well. A run whose job was taken over leaves nothing behind: who took it has recorded it. */
  async #end(run: RunRecord, holding: Holding): Promise<boolean> {
    const { clock, logger } = this.#ports;
    await holding.stop();
    const ended = { ...run, endedAt: run.state === 'WAITING' ? null : clock.now(), progress: null };
    const ranUntil = Math.min(clock.now(), holding.startedAt + holding.elapsedMs);
    const row = await this.#change((now) => release(now, ended, this.#timetable, ranUntil), {
      isMade: (now) => now.last?.id === ended.id && now.holder === null,
    });
    if (row?.last?.id !== ended.id) {
      logger.warn('a run whose job was taken over has ended', { run: ended.id, job: ended.job });
      return false;
    }
    await this.#record(row.last);
    return ended.state === 'SUCCEEDED';
  }

  /** History is for people: a run does not wait for it. What could not be put is put with the next look. */
  async #record(run: RunRecord): Promise<void> {
    const { store, logger } = this.#ports;
    try {
      await store.runs.put(run);
      this.#unrecorded = false;
    } catch (error) {
      this.#unrecorded = true;
      logger.warn('a run could not be recorded for now', { run: run.id, error: String(error) });
    }
  }

  #change(
    make: (row: JobRow) => JobRow | null,
    { isMade, signal }: { isMade: (row: JobRow) => boolean; signal?: AbortSignal },
  ): Promise<JobRow | null> {
    const { store, clock } = this.#ports;
    return changeJob(
      store.jobs,
      clock,
      this.#job.name,
      { make: (row) => (row === null ? null : make(row)), isMade },
      signal,
    );
  }

  /** A newer slot is due: the older one is not waited for any longer. */
  async #refuseWaiting(waiting: RunRecord, { slot }: DueSlot): Promise<void> {
    const reasons = [...(waiting.reasons ?? []), `slot ${new Date(slot).toISOString()} has come`];
    await this.#ports.store.runs.put({ ...waiting, ...refused(reasons), endedAt: this.#ports.clock.now() });
  }

  #recordOf(row: JobRow, due: DueSlot | null, waiting: RunRecord | null): RunRecord {
    const { name: job, subjects, engine, code } = this.#job;
    const { clock, ids } = this.#ports;
    return {
      ...{ id: waiting?.id ?? ids.next(), job, subjects, slot: due?.slot ?? null, trigger: 'SCHEDULE' as const },
      ...{ state: 'RUNNING' as const, startedAt: waiting?.startedAt ?? clock.now(), endedAt: null },
      ...{ release: null, error: null, facts: {}, attempt: due?.attempt ?? 1, fence: row.fence + 1 },
      ...(engine === undefined ? {} : { engine }),
      ...(code === undefined ? {} : { code }),
      passedOver: due?.passedOver ?? [],
    };
  }
}

/** Nobody has shown a sign of life since. */
function isSame(now: JobRow, seen: JobRow): boolean {
  return now.fence === seen.fence && now.holder?.beat === seen.holder?.beat;
}

function piece(asked: Parameters<typeof pieceOf>[0]): Record<string, string> {
  const { from, to } = pieceOf(asked);
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function refused(reasons: readonly string[]): Pick<RunRecord, 'state' | 'reasons' | 'error'> {
  return { state: 'REFUSED', reasons, error: { code: 'NOT_READY', message: reasons.join('; ') } };
}

/** How a run that threw has ended. A refusal that a repetition would only repeat is told apart from a failure. */
function failureOf(error: unknown, holding: Holding, signal: AbortSignal): Pick<RunRecord, 'state' | 'error'> {
  if (signal.aborted) return { state: 'ABANDONED', error: { code: 'ENDED', message: 'its process was asked to end' } };
  const why: unknown = holding.signal.aborted ? holding.signal.reason : error;
  if (!isTwofoldError(why))
    return {
      state: 'FAILED',
      error: { code: 'UNEXPECTED', message: why instanceof Error ? why.message : String(why) },
    };
  const told = { code: why.code, message: why.message };
  if (why instanceof BatchError && why.code === 'RUN_CANCELLED') return { state: 'CANCELLED', error: told };
  return { state: why.retryable ? 'FAILED' : 'REFUSED', error: told };
}
