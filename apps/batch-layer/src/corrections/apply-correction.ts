import type { StoredCorrection } from '@twofold/archive';
import {
  isOvertaken,
  standingOf,
  type CorrectionPlan,
  type RedactionCertificate,
  type ReleaseDiff,
  type ViewDiff,
} from '@twofold/corrections';
import { correctionsOf, liveRelease, type ControlRow } from '@twofold/releases';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import type { Gate, RestatementScope, View } from '@twofold/views';
import type { BatchPorts } from '../ports.ts';
import { buildAndPromote, mustRead, type RecomputeResult, type RecomputeWatch } from '../recompute-views.ts';
import { loadDiff } from '../review/diff-store.ts';
import { isChange, reviewCandidate } from '../review/review-candidate.ts';
import { appendCorrection } from './append-correction.ts';
import { findByKey } from './append-link.ts';
import { loadList } from './load-list.ts';
import { noteInForce } from './note-in-force.ts';
import type { ErasedRepeats } from './redaction/erase-repeats.ts';
import { requireDeclared } from './retire-views.ts';
import { planChanged, redactedSince, requireBase, requireBaseOf, requireFree, requireShown } from './still-as-shown.ts';

export interface ApplyOptions {
  /** Of the plan, as it was shown. */
  readonly fingerprint: string;
  readonly gates: readonly Gate[];
  /** Build, compare and hold against the gates, and promote nothing. */
  readonly preview: boolean;
  /** Id of a difference that was shown, as a preview gives it: promoted is what it says, and nothing else. */
  readonly shown?: string | null;
}

export interface ApplyResult {
  readonly correction: string;
  /** Null: nothing was promoted, since it was a preview, or the correction is in force already. */
  readonly release: string | null;
  readonly alreadyInForce: boolean;
  /** Null when the correction is in force already. */
  readonly diff: ReleaseDiff | null;
  readonly facts: Readonly<Record<string, number>>;
  /** Of a redaction; null: it was none. */
  readonly certificate: RedactionCertificate | null;
}

/** What the plan is applied to. */
export interface ApplyGround {
  readonly plan: CorrectionPlan;
  readonly stream: Stream;
  /** Every view of the stream. */
  readonly views: readonly View[];
  readonly topic: string;
  /** Change streams that are made of it. */
  readonly made: readonly Stream[];
  readonly restatements: RestatementScope;
  /** Of a redaction of rows: erases what operators repeated of them in the change stream. */
  readonly eraseRepeats?: (signal: AbortSignal) => Promise<ErasedRepeats>;
  /** Brings the archive and the live release of these views up to now, with the corrections that are in force. */
  readonly bringUp: (views: readonly View[], signal: AbortSignal) => Promise<Pick<RecomputeResult, 'diff'>>;
  /** Told of the build. */
  readonly watch?: RecomputeWatch;
}

/** A candidate whose base moved is built again on the new one, so often. */
const ATTEMPTS = 8;

/**
 * Applies what a plan showed, and nothing else (E20): appends the correction, brings the live release past every target
 * (E19), builds all views of the stream at the live cut with one more correction in their list, compares them with live
 * at that same cut, holds the difference against the gates, and promotes them together.
 */
export async function applyCorrection(
  ground: ApplyGround,
  options: ApplyOptions,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const { plan, views, stream } = ground;
  requireShown(plan, options.fingerprint, stream);
  const row = await mustRead(ports, signal);
  const known = await findByKey(plan, ports);
  if (known !== null && (await isInForce(known, row, ports))) return alreadyInForce(known);
  requireBase(plan, row);
  requireDeclared(row, views, stream.name);
  requireFree(views, row, stream);
  const correction = known ?? (await appendCorrection(plan, stream, ports, signal));
  const late: ViewDiff[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      const { diff } = await ground.bringUp(views, signal);
      if (diff?.release != null) late.push(...diff.views.filter(isChange));
      return await buildOnce(correction, { ...ground, late }, options, ports, signal);
    } catch (error) {
      await requireNotOvertaken(correction, ports);
      // Somebody else promoted meanwhile: on the new base all but the touched parts are shared again.
      if (!isTwofoldError(error) || !error.retryable || attempt === ATTEMPTS) throw error;
      const now = await mustRead(ports, signal);
      if (await isInForce(correction, now, ports)) return alreadyInForce(correction);
      requireBase(plan, now);
    }
  }
}

async function requireNotOvertaken(correction: StoredCorrection, { archive }: BatchPorts): Promise<void> {
  const { redactions } = await archive.head(correction.stream);
  if (isOvertaken(correction, redactions)) throw planChanged(redactedSince(correction.stream));
}

function alreadyInForce({ id }: StoredCorrection): ApplyResult {
  return { correction: id, release: null, alreadyInForce: true, diff: null, facts: {}, certificate: null };
}

async function buildOnce(
  correction: StoredCorrection,
  { plan, views, stream, restatements, late, watch }: ApplyGround & { readonly late: readonly ViewDiff[] },
  { gates, preview, shown: shownId = null }: ApplyOptions,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const reviewedDiff: { diff: ReleaseDiff | null } = { diff: null };
  const shown = shownId === null ? null : await shownDiff(plan, shownId, ports);
  const lists = new Map([[stream.name, [...plan.base, correction.id]]]);
  const result = await buildAndPromote(
    views,
    ports,
    signal,
    // At the live cut: what came since is the next run's, and is not taken for a correction.
    { chooseCut: (_, __, from) => from, lists, ...(watch === undefined ? {} : { watch }) },
    async (built) => {
      requireBaseOf(plan, built);
      const made = { id: correction.id, plan: plan.id, reason: plan.reason, late, shown };
      const task = { gates, restatements, compare: true, correction: made, preview };
      const reviewed = await reviewCandidate(built, task, ports, signal);
      reviewedDiff.diff = reviewed.diff;
      return reviewed;
    },
  );
  if (result.release !== null) await noteInForce(await mustRead(ports, signal), ports, signal);
  return {
    correction: correction.id,
    release: result.release,
    alreadyInForce: false,
    diff: reviewedDiff.diff,
    facts: result.facts,
    certificate: null,
  };
}

async function shownDiff({ id, stream }: CorrectionPlan, shown: string, { archive }: BatchPorts): Promise<ReleaseDiff> {
  const diff = await loadDiff(archive, [stream], shown);
  if (diff?.plan === id) return diff;
  throw planChanged(`no difference ${shown} of plan ${id} is kept`);
}

export async function isInForce(
  { id, stream }: StoredCorrection,
  row: ControlRow,
  { archive }: BatchPorts,
): Promise<boolean> {
  const list = await loadList(archive, stream, correctionsOf(row, liveRelease(row), stream));
  return standingOf(list.corrections).some((each) => each.id === id);
}
