import { sha256, type StoredCorrection } from '@twofold/archive';
import { CorrectionError, type CorrectionPlan } from '@twofold/corrections';
import type { Stream } from '@twofold/schemas';
import { patiently } from '../patiently.ts';
import type { BatchPorts } from '../ports.ts';
import { readAddedRows, writeAddedRows } from './added-rows.ts';
import { isCurrent, rowsName } from './plan-store.ts';
import { planChanged, redactedSince } from './still-as-shown.ts';

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
export async function appendCorrection(
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
