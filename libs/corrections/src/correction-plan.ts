import type { Correction, CorrectionKind, CorrectionNote, Targets } from './correction.ts';
import type { Runs } from './runs.ts';

/** One event as people see it. */
export interface ShownEvent {
  /** Null: a row that is to be added; it has a source once the correction has a number. */
  readonly source: number | null;
  /** Of such a row: which one it is, from 0. */
  readonly offset: number;
  /** Milliseconds. */
  readonly eventTime: number;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** What a correction means for one view. */
export interface ViewEffect {
  readonly view: string;
  readonly version: number;
  /** Keys and panes of the finest level that a target or an added row is in. */
  readonly keys: number;
  readonly panes: number;
  /** Parts, of all levels, that will be folded again, and those that stay as they are. */
  readonly partsToBuild: number;
  readonly partsShared: number;
  /** Archived records that building will read, and rows that the parts have now: what is written will be about as many. */
  readonly recordsToRead: number;
  readonly rowsToWrite: number;
  /** Why the view is among those that move, in words; absent in plans that were made before it was told. */
  readonly why?: string;
}

/** Another plan that hits some of the same events and was not applied yet. */
export interface PlanConflict {
  readonly plan: string;
  readonly kind: CorrectionKind;
  readonly author: string;
  readonly plannedAt: number;
  readonly asked: string;
  readonly sharedEvents: number;
}

/**
 * What was shown (E20): everything that decides what the correction does, resolved below one cut. Applying it
 * evaluates nothing again.
 */
export interface CorrectionPlan extends CorrectionNote {
  readonly format: 1;
  readonly id: string;
  readonly stream: string;
  /** Of the stream version that the events were read by. */
  readonly streamFingerprint: string;
  readonly kind: CorrectionKind;
  readonly reverts: string | null;
  readonly plannedAt: number;
  readonly asked: string;
  readonly cut: readonly number[];
  /** Corrections that were in force: what was matched are events that counted under them. */
  readonly base: readonly string[];
  /** Events that count below the cut, under the base. */
  readonly countedEvents: number;
  /** Archived records that were looked at: those of files that may hold what is asked for. */
  readonly recordsRead: number;
  readonly targets: Correction['targets'];
  /** The rows to add, as they were given. */
  readonly rows: { readonly count: number; readonly sha256: string } | null;
  readonly touched: Runs;
  /** Some of the events that will count no more, in order of position; of one that restates, of those that are meant. */
  readonly sample: readonly ShownEvent[];
  /** Some of those that will count: rows that are added, or events that come back. */
  readonly sampleAdded?: readonly ShownEvent[];
  readonly effects: readonly ViewEffect[];
  /** Ids of added rows that events which count have already. */
  readonly collisions: readonly string[];
  /** Newest first; whichever is applied first, the others have to be planned again. */
  readonly conflicts?: readonly PlanConflict[];
  /** Of a redaction: what goes beside its targets. */
  readonly erases?: PlannedErasure;
  /** Of one that takes another back: it has neither targets nor rows of its own. */
  readonly takesBack?: TakenBackCounts;
  /** Redactions that the stream had when this was planned; a plan from before the last one is not kept. */
  readonly redactions?: number;
  /** Corrections that were in the stream's chain when this was planned, in force or not; later ones were not looked at. */
  readonly links?: number;
  /** Hash of what was asked for, by which the same request under the same key is known; a redaction keeps none. */
  readonly requested?: string;
  /** Hash over all that decides what is applied. */
  readonly fingerprint: string;
}

/** What will be otherwise when a correction is taken back. */
export interface TakenBackCounts {
  /** Events that count again, and those that count no more. */
  readonly comes: number;
  readonly goes: number;
  /** Of its targets and rows those that a redaction erased: they stay as they are. */
  readonly erased: number;
}

/** What a redaction was found to touch (E21). */
export interface PlannedErasure {
  /** Hash of the document with classes and keyed hashes of ids. */
  readonly blanks: string;
  /** Numbers of earlier corrections that name what is erased, in their conditions or notes. */
  readonly links: readonly number[];
  /** Numbers of earlier corrections with targets among the rows that they added. */
  readonly added: readonly number[];
  /** Latest log time of a target, milliseconds; null: every target was added by a correction. */
  readonly lastLogTime: number | null;
  /** Targets by class; every rejected record below the cut is one, since nobody can tell of whom it speaks. */
  readonly counts: {
    readonly applied: number;
    readonly duplicate: number;
    readonly rejected: number;
    readonly added: number;
  };
  /** Of an upsert stream: the rows that are meant, each with all its restatements. */
  readonly rows?: number;
  /** What was made of those rows; it goes by a plan of its own, which is applied with this one. */
  readonly derived?: {
    readonly stream: string;
    readonly plan: string;
    readonly fingerprint: string;
    readonly changes: number;
  };
  /** Of a change stream: what is erased are repetitions of what earlier redactions erased. */
  readonly repeats?: true;
  readonly touches: {
    readonly archiveFiles: number;
    /** Releases that go, and candidates that are given up. */
    readonly releases: number;
    readonly candidates: number;
    /** Plans, differences and rows that are kept of earlier corrections. */
    readonly documents: number;
  };
}

/** What the fingerprint is a hash of: equal decisions, equal text. */
export function planDecisions(plan: Omit<CorrectionPlan, 'fingerprint'>): string {
  const { stream, streamFingerprint, kind, reverts, cut, base, targets, rows, touched, plannedAt, erases } = plan;
  // The rows' log time is the plan's: it decides whether an event time is in the future (E11).
  const readAt = rows === null ? null : plannedAt;
  const decided = [stream, streamFingerprint, kind, reverts, cut, base, targets, rows, touched, readAt];
  if (erases === undefined) return JSON.stringify(decided);
  const { blanks, links, added, derived } = erases;
  return JSON.stringify([...decided, blanks, links, added, ...(derived === undefined ? [] : [derived.fingerprint])]);
}

/** Targets as stored bytes, and back. Gaps instead of offsets keep them short. */
export function encodeTargets(targets: Targets): string {
  return JSON.stringify(
    targets.map(({ source, runs }) => {
      let at = 0;
      const gaps: number[] = [];
      for (const [from, to] of runs) {
        gaps.push(from - at, to - from);
        at = to;
      }
      return [source, gaps];
    }),
  );
}

export function decodeTargets(text: string): Targets {
  const stored = JSON.parse(text) as readonly (readonly [source: number, gaps: readonly number[]])[];
  return stored.map(([source, gaps]) => {
    const runs: [number, number][] = [];
    let at = 0;
    for (let i = 0; i + 1 < gaps.length; i += 2) {
      const from = at + (gaps[i] ?? 0);
      at = from + (gaps[i + 1] ?? 0);
      runs.push([from, at]);
    }
    return { source, runs };
  });
}
