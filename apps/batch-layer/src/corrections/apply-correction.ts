import { sha256, type StoredCorrection } from '@twofold/archive';
import {
  CorrectionError,
  isOvertaken,
  standingOf,
  type CorrectionPlan,
  type RedactionCertificate,
  type ReleaseDiff,
  type ViewDiff,
} from '@twofold/corrections';
import { correctionsOf, cutAt, liveRelease, sameList, type ControlRow } from '@twofold/releases';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import type { Gate, RestatementScope, View } from '@twofold/views';
import { BatchError } from '../errors.ts';
import { patiently } from '../patiently.ts';
import type { BatchPorts } from '../ports.ts';
import {
  buildAndPromote,
  mustRead,
  type BuiltCandidate,
  type RecomputeResult,
  type RecomputeWatch,
} from '../recompute-views.ts';
import { isChange, reviewCandidate } from '../review/review-candidate.ts';
import { readAddedRows, writeAddedRows } from './added-rows.ts';
import { loadDiff } from '../review/diff-store.ts';
import { loadList } from './load-list.ts';
import { noteInForce } from './note-in-force.ts';
import type { ErasedRepeats } from './redaction/erase-repeats.ts';
import { isCurrent, rowsName } from './plan-store.ts';
import { requireDeclared } from './retire-views.ts';

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
  const correction = known ?? (await append(plan, stream, ports, signal));
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

function redactedSince(stream: string): string {
  return `stream ${stream} was redacted after it was planned`;
}

/** Throws PLAN_CHANGED unless the plan is the one that was confirmed, of the stream as it is declared. */
export function requireShown(plan: CorrectionPlan, fingerprint: string, stream: Stream): void {
  if (fingerprint !== plan.fingerprint)
    throw planChanged(`plan ${plan.id} has the fingerprint ${plan.fingerprint}, and ${fingerprint} was confirmed`);
  if (stream.fingerprint !== plan.streamFingerprint)
    throw planChanged(`stream ${stream.name} is declared otherwise than when it was planned`);
}

function alreadyInForce({ id }: StoredCorrection): ApplyResult {
  return { correction: id, release: null, alreadyInForce: true, diff: null, facts: {}, certificate: null };
}

export function requireFree(views: readonly View[], { holds }: ControlRow, stream: Stream): void {
  const held = views.filter(({ name }) => holds.includes(name)).map(({ name }) => name);
  if (held.length === 0) return;
  throw new CorrectionError(
    'VIEW_HELD',
    `View ${held.join(', ')} of stream ${stream.name} is held by a rollback, and a correction moves all views of a stream together. Let go of it first (twofold rollback --let-go). Nothing was changed.`,
  );
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

/** The base as it was planned on, and at the cut of the candidate: else late data would look like the correction. */
function requireBaseOf(plan: CorrectionPlan, { candidate, works }: BuiltCandidate): void {
  for (const base of Object.values(candidate.baseCorrections))
    if (!sameList(base, plan.base)) throw planChanged('another correction came into force, or was taken out of it');
  for (const { view, entry, base, origins } of works) {
    const level =
      base !== null && origins.every((_, p) => cutAt(entry.cut, p, origins) === cutAt(base.cut, p, origins));
    if (!level || base.version !== view.version)
      throw new BatchError(
        'BASE_BEHIND',
        `view ${view.name}: the live release is not at the cut of the correction yet; it is brought up again`,
        { retryable: true },
      );
  }
}

export function requireBase({ base, stream }: CorrectionPlan, row: ControlRow): void {
  const now = correctionsOf(row, liveRelease(row), stream);
  if (!sameList(now, base))
    throw planChanged(
      `the corrections in force of stream ${stream} were ${base.join(', ') || 'none'} and are ${now.join(', ') || 'none'}`,
    );
}

export function planChanged(why: string): CorrectionError {
  return new CorrectionError(
    'PLAN_CHANGED',
    `What would be applied is not what was shown: ${why}. Plan the correction again and look at it. Nothing was changed.`,
  );
}

/** The correction that was made under the plan's key before. Throws KEY_USED when it is another one. */
export async function findByKey(
  plan: CorrectionPlan,
  { archive }: Pick<BatchPorts, 'archive'>,
): Promise<StoredCorrection | null> {
  return ofKey(plan, await archive.corrections(plan.stream).list());
}

/**
 * The same in a list that was read. Who appends asks the very list whose length is the next number: between two reads another
 * one may have appended just this correction.
 */
export function ofKey(plan: CorrectionPlan, list: readonly StoredCorrection[]): StoredCorrection | null {
  const found = list.find(({ idempotencyKey }) => idempotencyKey === plan.idempotencyKey) ?? null;
  if (found === null || found.fingerprint === plan.fingerprint) return found;
  throw new CorrectionError(
    'KEY_USED',
    `The idempotency key ${plan.idempotencyKey} belongs to correction ${found.id} (${found.kind}: ${found.asked}). One key is one correction: take another key, or none. Nothing was changed.`,
    { facts: { correction: found.id } },
  );
}

/** The plan's rows, then the link that names them. Rows that no link will ever name do not stay. */
async function append(
  plan: CorrectionPlan,
  stream: Stream,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<StoredCorrection> {
  const added = await writeRows(plan, stream, ports, signal);
  const appended = await appendLink(plan, added, ports, signal);
  if (added !== null && (typeof appended === 'string' || appended.added?.file.name !== added.file.name))
    await patiently(ports.clock, () => ports.archive.removeStored([added.file.name]), signal);
  if (typeof appended === 'string') throw planChanged(appended);
  return appended;
}

/** The correction of the plan's key, whoever appended it; a text says why it is appended no more. */
async function appendLink(
  plan: CorrectionPlan,
  added: StoredCorrection['added'],
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<StoredCorrection | string> {
  const { archive, clock } = ports;
  const shelf = archive.corrections(plan.stream);
  const { reason, ticket, author, approver, idempotencyKey, kind, reverts, asked, cut, touched, fingerprint } = plan;
  const id = ports.ids.next();
  for (;;) {
    signal.throwIfAborted();
    const list = await shelf.list();
    const known = ofKey(plan, list);
    if (known !== null) return known;
    const redaction = list.slice(plan.links ?? 0).find(({ kind }) => kind === 'redact');
    // What was shown, and what would be added, may hold what such a redaction erases.
    if (redaction !== undefined || !(await isCurrent(archive, plan.stream, plan.redactions)))
      return redactedSince(plan.stream);
    const correction: StoredCorrection = {
      ...{ format: 1, number: list.length, id, stream: plan.stream, kind, reverts },
      ...{ reason, ticket, author, approver, idempotencyKey },
      ...{ plannedAt: plan.plannedAt, asked, cut, targets: plan.targets, added, touched, fingerprint },
      redactions: plan.redactions ?? 0,
    };
    if (await patiently(clock, () => shelf.append(correction), signal)) return correction;
  }
}

/** The plan's rows as a file of the archive, read as they were when they were shown. */
async function writeRows(
  { rows, stream: name, plannedAt }: CorrectionPlan,
  stream: Stream,
  { archive }: BatchPorts,
  signal: AbortSignal,
): Promise<StoredCorrection['added']> {
  if (rows === null) return null;
  const bytes = await archive.corrections(name).getDocument(rowsName(rows.sha256));
  // A redaction removes plans with all that they show.
  if (bytes === null) throw planChanged(`its rows were removed, as a redaction of stream ${name} does`);
  if (sha256(bytes) !== rows.sha256)
    throw new CorrectionError('CORRECTION_DAMAGED', 'The rows of the plan are not what they were; plan it again.');
  const read = readAddedRows(stream, bytes, plannedAt);
  return { rows: read.count, file: await writeAddedRows(archive, stream, read, signal) };
}
