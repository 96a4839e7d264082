import { sha256, type StoredCorrection } from '@twofold/archive';
import { CorrectionError, type CorrectionPlan } from '@twofold/corrections';
import type { Stream } from '@twofold/schemas';
import { patiently } from '../patiently.ts';
import type { BatchPorts } from '../ports.ts';
import { appendLink, type LinkParts } from './append-link.ts';
import { readAddedRows, writeAddedRows } from './added-rows.ts';
import { isCurrent, rowsName } from './plan-store.ts';
import { planChanged, redactedSince } from './still-as-shown.ts';

/** The plan's rows, then the link that names them. Rows that no link will ever name do not stay. */
export async function appendCorrection(
  plan: CorrectionPlan,
  stream: Stream,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<StoredCorrection> {
  const { archive, clock } = ports;
  const added = await writeRows(plan, stream, ports, signal);
  const partsOn = async (list: readonly StoredCorrection[]): Promise<LinkParts | string> => {
    const redaction = list.slice(plan.links ?? 0).find(({ kind }) => kind === 'redact');
    // What was shown, and what would be added, may hold what such a redaction erases.
    if (redaction !== undefined || !(await isCurrent(archive, plan.stream, plan.redactions)))
      return redactedSince(plan.stream);
    return { reverts: plan.reverts, added, redactions: plan.redactions ?? 0 };
  };
  const appended = await appendLink(plan, partsOn, ports, signal);
  if (added !== null && (typeof appended === 'string' || appended.added?.file.name !== added.file.name))
    await patiently(clock, () => archive.removeStored([added.file.name]), signal);
  if (typeof appended === 'string') throw planChanged(appended);
  return appended;
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
