export type RunState =
  'WAITING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'REFUSED' | 'SKIPPED' | 'CANCELLED' | 'ABANDONED';

export const runTriggers = ['SCHEDULE', 'MANUAL', 'START', 'RETRY', 'BACKFILL', 'CORRECTION', 'ROLLBACK'] as const;
export type RunTrigger = (typeof runTriggers)[number];

/** Slots that get no run of their own, told with the run that covers them or was in their way. */
export interface PassedOver {
  readonly slots: number;
  readonly from: number;
  readonly to: number;
  readonly why: 'MISSED' | 'OVERLAP';
}

/** What one view was made from, of one run. */
export interface RunInput {
  readonly view: string;
  readonly version: number;
  readonly fingerprint: string;
  /** By partition: positions below it are in the result. */
  readonly cut: readonly number[];
  /** Corrections in force, in order, by id. */
  readonly corrections: readonly string[];
}

/** What became of one view, of one run. */
export interface RunOutput {
  readonly view: string;
  readonly state: 'SUCCEEDED' | 'FAILED' | 'UNCHANGED';
  readonly parts: number;
  readonly rows: number;
  /** SHA-256 over the parts' hashes, in order of level and time; null when nothing was built. */
  readonly sha256: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What one gate said of the run's candidate, or a limit that keeps runs from beginning of what the run lacked. */
export interface RunGate {
  readonly gate: string;
  readonly severity: 'warn' | 'block';
  readonly passed: boolean;
  readonly detail: string;
}

export interface RunProgress {
  /** Parts that are built and verified. */
  readonly done: number;
  readonly total: number;
  /** Time left, milliseconds, if it goes on as it went; null: not known yet. */
  readonly leftMs: number | null;
}

/** One run of one job for one due slot; the history that operators read. */
export interface RunRecord {
  readonly id: string;
  /** `recompute <schedule>`, `correct <stream>`, `roll back` */
  readonly job: string;
  /** Views or streams concerned. */
  readonly subjects: readonly string[];
  /** The due slot, milliseconds UTC; null when it was not the schedule. */
  readonly slot: number | null;
  readonly trigger: RunTrigger;
  readonly state: RunState;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly release: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Counts for people: rows read, parts built, parts shared, … */
  readonly facts: Readonly<Record<string, number | string>>;
  /** From 1: which attempt at its slot this is. */
  readonly attempt?: number;
  /** Of the job's holder; what it does carries it. */
  readonly fence?: number;
  /** Batch engine, and what names the code that ran. */
  readonly engine?: string;
  readonly code?: string;
  readonly inputs?: readonly RunInput[];
  readonly outputs?: readonly RunOutput[];
  readonly gates?: readonly RunGate[];
  readonly progress?: RunProgress | null;
  /** Why it waits or was refused. */
  readonly reasons?: readonly string[];
  readonly passedOver?: readonly PassedOver[];
  /** The run that this one does again, as far as it failed. */
  readonly retryOf?: string | null;
}
