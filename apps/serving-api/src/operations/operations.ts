import type {
  CorrectionKind,
  CorrectionNote,
  CorrectionPlan,
  RedactionCertificate,
  ReleaseDiff,
  Selection,
} from '@twofold/corrections';
import type { DeadLetter } from '@twofold/view-store';
import type { Gate } from '@twofold/views';

/** What somebody asks for, as a door takes it: plain data. */
export interface AskedCorrection extends CorrectionNote {
  readonly stream: string;
  readonly kind: CorrectionKind;
  /** Nobody gave the idempotency key. */
  readonly keyIsDrawn: boolean;
  readonly selection: Selection;
  /** The correction whose rows are meant; null: events of the log, and rows of any. */
  readonly source: string | null;
  /** One event a line; null: none. */
  readonly rows: string | null;
  /** Fields and what they are set to, as expressions; null: none. */
  readonly set: readonly string[] | null;
  readonly everything: boolean;
}

export interface AppliedPlan {
  readonly correction: string;
  readonly release: string | null;
  readonly alreadyInForce: boolean;
  readonly diff: ReleaseDiff | null;
  readonly facts: Readonly<Record<string, number>>;
  /** Of a redaction that is finished. */
  readonly certificate: RedactionCertificate | null;
}

export interface ListedCorrection extends CorrectionNote {
  readonly id: string;
  readonly stream: string;
  readonly kind: CorrectionKind;
  readonly reverts: string | null;
  readonly asked: string;
  readonly plannedAt: number;
  readonly targets: number;
  readonly rows: number;
  readonly inForce: boolean;
}

export interface ListedRelease {
  readonly id: string;
  readonly number: number;
  readonly reason: string;
  readonly live: boolean;
  /** Every view can be put back to it. */
  readonly restorable: boolean;
  readonly corrections: readonly string[];
}

export interface ListedSchedule {
  readonly name: string;
  readonly cron: string;
  readonly views: readonly string[];
  readonly overlap: string;
  readonly missed: string;
  /** Milliseconds; null: never again. */
  readonly next: number | null;
  readonly paused: { readonly at: number; readonly by: string; readonly reason: string } | null;
  /** The run that is going. */
  readonly run: string | null;
  readonly waitingFor: readonly string[];
  /** Ids of old work that is to be done. */
  readonly asked: readonly string[];
}

export interface AskedBackfillOf {
  readonly by: string;
  /** Event time, milliseconds `[from, to)`. */
  readonly from: number;
  readonly to: number;
  readonly pieceMs: number | null;
  readonly restMs: number;
}

/** Which rejected records are replayed, and how they are mended. */
export interface AskedReplayOf extends Omit<CorrectionNote, 'idempotencyKey'> {
  /** Null: the same letters mended in the same way are one request. */
  readonly key: string | null;
  readonly stream: string;
  /** Null: whatever they were rejected for. */
  readonly code: string | null;
  readonly field: string | null;
  /** Places, `partition:offset`; null: wherever they stand. */
  readonly at: readonly string[] | null;
  /** Steps, parted by `;`; null: as they came. */
  readonly transform: string | null;
  readonly all: boolean;
  readonly partial: boolean;
  readonly allowKnown: boolean;
}

/** A rejected record, whole. */
export interface ShownLetter extends DeadLetter {
  /** Null: its bytes are no longer there, as after a redaction. */
  readonly base64: string | null;
}

/**
 * What operators do through the API. All of it is plain data, so that it may be done in another thread. What can be
 * expected to be refused is refused with an error that has a code.
 */
export interface Operations {
  planCorrection(asked: AskedCorrection): Promise<CorrectionPlan>;
  planRevert(correction: string, note: CorrectionNote): Promise<CorrectionPlan>;
  plan(id: string): Promise<CorrectionPlan>;
  applyPlan(
    id: string,
    options: {
      readonly fingerprint: string;
      readonly gates: readonly Gate[];
      readonly preview: boolean;
      /** Id of the difference that was shown; null: whatever it changes is promoted. */
      readonly shown: string | null;
    },
  ): Promise<AppliedPlan>;
  diff(release: string): Promise<ReleaseDiff | null>;
  /** Null: there is no such redaction, or it is not finished. */
  certificate(correction: string): Promise<RedactionCertificate | null>;
  /** Null: no dead letter stands there. */
  deadLetter(stream: string, place: string): Promise<ShownLetter | null>;
  replayDeadLetters(asked: AskedReplayOf): Promise<CorrectionPlan>;
  corrections(): Promise<readonly ListedCorrection[]>;
  releases(): Promise<readonly ListedRelease[]>;
  rollBack(release: string, views: readonly string[] | null): Promise<{ release: string; number: number }>;
  letGo(views: readonly string[] | null): Promise<readonly string[]>;
  retireView(view: string): Promise<{ release: string; number: number }>;
  schedules(): Promise<readonly ListedSchedule[]>;
  pauseSchedule(name: string, by: string, reason: string): Promise<AcceptedRequest>;
  resumeSchedule(name: string): Promise<AcceptedRequest>;
  retryRun(run: string, by: string, passing: readonly string[]): Promise<AcceptedRequest>;
  backfill(view: string, of: AskedBackfillOf): Promise<AcceptedRequest>;
}

export interface AcceptedRequest {
  readonly schedule: string;
  /** Id of the old work that was taken down; null: none was. */
  readonly asked: string | null;
}
