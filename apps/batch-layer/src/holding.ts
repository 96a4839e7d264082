import { keep, latestSlot, type RunGate, type RunRecord, type Timetable } from '@twofold/schedules';
import { changeJob } from './change-job.ts';
import { BatchError } from './errors.ts';
import type { RunNote } from './job.ts';
import { SCHEDULE_TIMES, type SchedulePorts, type ScheduleTimes } from './schedule-ports.ts';

/** The part of its lease after which a holder without a sign of life gives up by itself, before others may take over. */
const GIVE_UP = 0.7;

/** A job while one run holds it: signs of life, and the end of the run when they fail or a newer slot cancels it. */
export class Holding {
  /** As it is known so far. */
  record: RunRecord;
  /** Wall clock at the start. */
  readonly startedAt: number;
  readonly signal: AbortSignal;
  readonly #timetable: Timetable;
  readonly #ports: SchedulePorts;
  readonly #times: ScheduleTimes;
  readonly #startedMs: number;
  readonly #ended = new AbortController();
  readonly #over = new AbortController();
  readonly #beating: Promise<void>;
  #passed: readonly RunGate[] = [];

  constructor(run: RunRecord, timetable: Timetable, ports: SchedulePorts, signal: AbortSignal) {
    this.record = run;
    this.#timetable = timetable;
    this.#ports = ports;
    this.#times = ports.times ?? SCHEDULE_TIMES;
    this.startedAt = ports.clock.now();
    this.#startedMs = ports.clock.monotonic();
    this.signal = AbortSignal.any([signal, this.#over.signal]);
    this.#beating = this.#beat(AbortSignal.any([signal, this.#ended.signal]));
  }

  /** Since it began, milliseconds, however wall clocks were moved. */
  get elapsedMs(): number {
    return this.#ports.clock.monotonic() - this.#startedMs;
  }

  /** Keeps what the run has learned; it is stored with the next sign of life. */
  note(note: RunNote): void {
    this.record = { ...this.record, ...note };
    if (note.gates !== undefined) this.record = { ...this.record, gates: [...this.#passed, ...note.gates] };
  }

  /** Tells in the record what the run lacks and was let begin without. */
  pass(passed: readonly RunGate[]): void {
    this.#passed = passed;
    if (passed.length > 0) this.note({ gates: [] });
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#beating;
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const { beatMs, leaseMs } = this.#times;
    let aliveAt = clock.monotonic();
    while (!signal.aborted) {
      await clock.sleep(beatMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const at = clock.monotonic();
      const late = clock.sleep(Math.max(0, GIVE_UP * leaseMs - (at - aliveAt)), signal).then(
        () => false,
        () => true,
      );
      const kept = await Promise.race([this.#keep(signal), late]);
      if (signal.aborted) return;
      if (!kept) {
        this.#over.abort(new BatchError('LEASE_LOST', `job ${this.record.job} is not this run's any more`));
        return;
      }
      aliveAt = at;
      if (this.#isCancelled()) {
        this.#over.abort(
          new BatchError('RUN_CANCELLED', 'a newer slot is due, and the schedule has it cancel this run'),
        );
        return;
      }
    }
  }

  /** False when the job is somebody else's. */
  async #keep(signal: AbortSignal): Promise<boolean> {
    const { store, clock } = this.#ports;
    const { record } = this;
    const beats = { before: -1 };
    try {
      const row = await changeJob(
        store.jobs,
        clock,
        record.job,
        {
          make: (now) => {
            if (now === null) return null;
            beats.before = now.holder?.beat ?? -1;
            return keep(now, record);
          },
          isMade: (now) => now.fence === record.fence && (now.holder?.beat ?? -1) > beats.before,
        },
        signal,
      );
      if (row === null) return false;
      await store.runs.put(record).catch(() => undefined);
      return true;
    } catch {
      // Tried again until it is too late.
      await clock.sleep(this.#times.beatMs, signal).catch(() => undefined);
      return signal.aborted || this.#keep(signal);
    }
  }

  #isCancelled(): boolean {
    const { schedule, table } = this.#timetable;
    const { slot } = this.record;
    if (schedule.overlap !== 'cancel' || slot === null) return false;
    return (latestSlot(table, this.startedAt + this.elapsedMs) ?? slot) > slot;
  }
}
