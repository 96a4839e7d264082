import { CorrectionError, type CorrectionPlan } from '@twofold/corrections';
import { correctionsOf, cutAt, liveRelease, sameList, type ControlRow } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { BatchError } from '../errors.ts';
import type { BuiltCandidate } from '../recompute-views.ts';

/** Throws PLAN_CHANGED unless the plan is the one that was confirmed, of the stream as it is declared. */
export function requireShown(plan: CorrectionPlan, fingerprint: string, stream: Stream): void {
  if (fingerprint !== plan.fingerprint)
    throw planChanged(`plan ${plan.id} has the fingerprint ${plan.fingerprint}, and ${fingerprint} was confirmed`);
  if (stream.fingerprint !== plan.streamFingerprint)
    throw planChanged(`stream ${stream.name} is declared otherwise than when it was planned`);
}

export function requireFree(views: readonly View[], { holds }: ControlRow, stream: Stream): void {
  const held = views.filter(({ name }) => holds.includes(name)).map(({ name }) => name);
  if (held.length === 0) return;
  throw new CorrectionError(
    'VIEW_HELD',
    `View ${held.join(', ')} of stream ${stream.name} is held by a rollback, and a correction moves all views of a stream together. Let go of it first (twofold rollback --let-go). Nothing was changed.`,
  );
}

export function requireBase({ base, stream }: CorrectionPlan, row: ControlRow): void {
  const now = correctionsOf(row, liveRelease(row), stream);
  if (!sameList(now, base))
    throw planChanged(
      `the corrections in force of stream ${stream} were ${base.join(', ') || 'none'} and are ${now.join(', ') || 'none'}`,
    );
}

/** The base as it was planned on, and at the cut of the candidate: else late data would look like the correction. */
export function requireBaseOf(plan: CorrectionPlan, { candidate, works }: BuiltCandidate): void {
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

export function redactedSince(stream: string): string {
  return `stream ${stream} was redacted after it was planned`;
}

export function planChanged(why: string): CorrectionError {
  return new CorrectionError(
    'PLAN_CHANGED',
    `What would be applied is not what was shown: ${why}. Plan the correction again and look at it. Nothing was changed.`,
  );
}
