import type { EventTimes } from '@twofold/archive';
import type { ChangeMark } from '@twofold/releases';
import type { RunGate, RunInput, RunOutput, RunProgress, Schedule } from '@twofold/schedules';

/** What a job did, for the run's record. */
export interface JobResult {
  /** The release that it made live; null: nothing had changed. */
  readonly release: string | null;
  readonly facts: Readonly<Record<string, number | string>>;
  readonly outputs?: readonly RunOutput[];
  /** What kept a part of it from being done; null: all was done. */
  readonly error?: { readonly code: string; readonly message: string } | null;
}

/** What a run learns about itself while it goes on. */
export interface RunNote {
  readonly inputs?: readonly RunInput[];
  readonly progress?: RunProgress;
  readonly gates?: readonly RunGate[];
}

/** Something that a run still lacks. */
export interface Lack {
  /** In words. */
  readonly why: string;
  /** By this name somebody who has looked lets a run begin all the same; not given: nobody can. */
  readonly pass?: string;
}

/** One run's work. */
export interface RunWork {
  readonly views: readonly string[];
  /** View → by partition: at most up to there, as an earlier run was; null: up to the archive's end. */
  readonly cuts: Readonly<Record<string, readonly number[]>> | null;
  /** Event time that is built again although nothing has changed; null: none. */
  readonly again: EventTimes | null;
  /** Gates that are only told. */
  readonly passing?: readonly string[];
  /** Nobody tries again by itself when this run fails. */
  readonly isLast: boolean;
  /** What it changes has to carry it. */
  readonly mark: ChangeMark;
  note(note: RunNote): void;
}

export interface Job {
  readonly name: string;
  /** Views concerned. */
  readonly subjects: readonly string[];
  readonly schedule: Schedule;
  /** What names the engine and the code that run. */
  readonly engine?: string;
  readonly code?: string;
  /** What a run still lacks; empty: it may begin. */
  ready?(signal: AbortSignal): Promise<readonly Lack[]>;
  run(work: RunWork, signal: AbortSignal): Promise<JobResult>;
}
