import type { StoredCorrection } from '@twofold/archive';
import { CorrectionError, type CorrectionPlan } from '@twofold/corrections';
import { patiently } from '../patiently.ts';
import type { BatchPorts } from '../ports.ts';

/** What a link holds beside what each takes from its plan. */
export type LinkParts = Pick<StoredCorrection, 'reverts' | 'added' | 'erases' | 'redactions'>;

/** The correction that was made under the plan's key before. Throws KEY_USED when it is another one. */
export async function findByKey(
  plan: CorrectionPlan,
  { archive }: Pick<BatchPorts, 'archive'>,
): Promise<StoredCorrection | null> {
  return ofKey(plan, await archive.corrections(plan.stream).list());
}

function ofKey(plan: CorrectionPlan, list: readonly StoredCorrection[]): StoredCorrection | null {
  const found = list.find(({ idempotencyKey }) => idempotencyKey === plan.idempotencyKey) ?? null;
  if (found === null || found.fingerprint === plan.fingerprint) return found;
  throw new CorrectionError(
    'KEY_USED',
    `The idempotency key ${plan.idempotencyKey} belongs to correction ${found.id} (${found.kind}: ${found.asked}). One key is one correction: take another key, or none. Nothing was changed.`,
    { facts: { correction: found.id } },
  );
}

/**
 * The correction of the plan's key, whoever appended it. The key is looked for in the very list whose length is the next
 * number: between two reads another one may have appended just this correction.
 * @param partsOn of a link after these; a text says why it is appended no more, which is what is given then
 */
export async function appendLink(
  plan: CorrectionPlan,
  partsOn: (list: readonly StoredCorrection[]) => Promise<LinkParts | string>,
  { archive, clock, ids }: Pick<BatchPorts, 'archive' | 'clock' | 'ids'>,
  signal: AbortSignal,
): Promise<StoredCorrection | string> {
  const shelf = archive.corrections(plan.stream);
  const { reason, ticket, author, approver, idempotencyKey, kind, stream } = plan;
  const { plannedAt, asked, cut, targets, touched, fingerprint } = plan;
  const id = ids.next();
  for (;;) {
    signal.throwIfAborted();
    const list = await shelf.list();
    const known = ofKey(plan, list);
    if (known !== null) return known;
    const parts = await partsOn(list);
    if (typeof parts === 'string') return parts;
    const { reverts, added, ...more } = parts;
    const correction: StoredCorrection = {
      ...{ format: 1, number: list.length, id, stream, kind, reverts },
      ...{ reason, ticket, author, approver, idempotencyKey },
      ...{ plannedAt, asked, cut, targets, added, touched, fingerprint },
      ...more,
    };
    if (await patiently(clock, () => shelf.append(correction), signal)) return correction;
  }
}
