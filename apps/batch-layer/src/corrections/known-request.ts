import { sha256, type StoredCorrection } from '@twofold/archive';
import { CorrectionError, type CorrectionNote, type CorrectionPlan } from '@twofold/corrections';
import { correctionsOf, liveRelease, sameList } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { BatchPorts } from '../ports.ts';
import { mustRead } from '../recompute-views.ts';
import { findByKey } from './append-link.ts';
import { isInForce } from './apply-correction.ts';
import type { CorrectionRequest } from './correction-request.ts';
import { findPlan } from './plan-store.ts';

/** What is asked for, as a hash: of two requests with the same one, and the same key, the second is a repetition. */
export function requestHash(request: CorrectionRequest): string {
  const { stream, kind, selection, source = null, rows, set = null, everything, newOnly = false } = request;
  const { where, eventTime, partition, offsets, ids } = selection;
  // A source is resolved to a partition when it is planned.
  const selected = [where, eventTime, source === null ? partition : source, offsets, ids];
  const made = [rows === null ? null : sha256(rows), set, everything, newOnly];
  return hashOf(request, [stream, kind, selected, made]);
}

export function revertHash(id: string, note: CorrectionNote): string {
  return hashOf(note, ['revert', id]);
}

function hashOf({ reason, ticket, author, approver }: CorrectionNote, asked: unknown): string {
  return sha256(JSON.stringify([reason, ticket, author, approver, asked])).slice(0, 32);
}

/**
 * What was asked under the key before, in any stream (E20): the plan, when the same is asked again and it can be applied still;
 * null: the key belongs to no correction yet.
 * @throws KEY_USED when another request has the key, or nothing is left to be done of this one
 */
export async function knownRequest(
  key: string,
  requested: string,
  streams: readonly Stream[],
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<CorrectionPlan | null> {
  for (const stream of streams) {
    const list = await ports.archive.corrections(stream.name).list();
    const known = list.find(({ idempotencyKey }) => idempotencyKey === key);
    if (known === undefined) continue;
    const open = await openPlanOf(known, stream, ports, signal);
    if (open !== null && open.requested === requested) return open;
    throw keyUsed(known, await standOf(known, open, ports, signal));
  }
  return null;
}

/** The plan of a correction, when it can be applied as it stands: as after a preview, a gate that blocked, a rollback. */
async function openPlanOf(
  { fingerprint, kind }: StoredCorrection,
  stream: Stream,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<CorrectionPlan | null> {
  const plan = kind === 'redact' ? null : await findPlan(ports.archive, stream.name, fingerprint);
  if (plan === null || plan.streamFingerprint !== stream.fingerprint) return null;
  const row = await mustRead(ports, signal);
  return sameList(plan.base, correctionsOf(row, liveRelease(row), stream.name)) ? plan : null;
}

/** Throws KEY_USED when a correction of another stream has the key; what a redaction of rows derives has it on purpose. */
export async function requireKeyElsewhere(
  plan: CorrectionPlan,
  streams: readonly Stream[],
  ports: Pick<BatchPorts, 'archive'>,
): Promise<void> {
  if ((await findByKey(plan, ports)) !== null) return;
  for (const { name } of streams.filter((each) => each.name !== plan.stream)) {
    const list = await ports.archive.corrections(name).list();
    const known = list.find(({ idempotencyKey }) => idempotencyKey === plan.idempotencyKey);
    if (known === undefined || (known.kind === 'redact' && plan.kind === 'redact')) continue;
    throw keyUsed(known, 'One key is one correction, over all streams');
  }
}

async function standOf(
  known: StoredCorrection,
  open: CorrectionPlan | null,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<string> {
  const last = known.erases?.plan;
  if (last !== undefined) return `It is finished, or ends with its certificate, by applying plan ${last} again`;
  if (await isInForce(known, await mustRead(ports, signal), ports))
    return 'It is in force: if this is the same request, nothing is left to be done';
  if (open !== null) return `It is not in force; to bring it into force, apply plan ${open.id}`;
  return 'It is not in force, and its plan can not be applied any more';
}

function keyUsed({ id, stream, kind, asked, idempotencyKey }: StoredCorrection, stand: string): CorrectionError {
  return new CorrectionError(
    'KEY_USED',
    `The idempotency key ${idempotencyKey} belongs to correction ${id} of stream ${stream} (${kind}: ${asked}). ${stand}. For another correction take another key, or none. Nothing was changed.`,
    { facts: { correction: id } },
  );
}
