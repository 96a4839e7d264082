import { sha256, type ColumnArchive } from '@twofold/archive';
import { CorrectionError, planDecisions, type CorrectionPlan } from '@twofold/corrections';

type Shelves = Pick<ColumnArchive, 'corrections'>;
/** And what says which documents are from before a redaction. */
type Kept = Pick<ColumnArchive, 'corrections' | 'head'>;

const encoder = new TextEncoder();

/** Stores bytes under their hash. Gives the hash. */
export async function putByHash(
  archive: Shelves,
  stream: string,
  nameOf: (hash: string) => string,
  bytes: Uint8Array,
): Promise<string> {
  const hash = sha256(bytes);
  await archive.corrections(stream).putDocument(nameOf(hash), bytes);
  return hash;
}

export function rowsName(hash: string): string {
  return `rows-${hash}.ndjson`;
}

/** Throws PLAN_CHANGED when a redaction came into effect meanwhile: what the plan shows may be erased. */
export async function savePlan(archive: Kept, plan: CorrectionPlan): Promise<void> {
  const shelf = archive.corrections(plan.stream);
  await shelf.putDocument(planName(plan.id), encoder.encode(JSON.stringify(plan)));
  if (await isCurrent(archive, plan.stream, plan.redactions)) return;
  await shelf.removeDocument(planName(plan.id));
  throw new CorrectionError('PLAN_CHANGED', `Stream ${plan.stream} was redacted meanwhile; plan the correction again.`);
}

/** Is a document from after the last redaction of its stream? */
export async function isCurrent(archive: Kept, stream: string, redactions = 0): Promise<boolean> {
  return (await archive.head(stream)).redactions.length <= redactions;
}

/**
 * The plan of an id, of whichever stream. Throws PLAN_UNKNOWN, and PLAN_CHANGED when the stored plan is not what its
 * fingerprint is of.
 */
export async function loadPlan(archive: Kept, streams: readonly string[], id: string): Promise<CorrectionPlan> {
  if (/^[0-9A-Za-z]+$/.test(id))
    for (const stream of streams) {
      const bytes = await archive.corrections(stream).getDocument(planName(id));
      if (bytes === null) continue;
      const plan = planOfDocument(bytes);
      const current = plan.kind === 'redact' || (await isCurrent(archive, stream, plan.redactions));
      if (plan.id === id && plan.fingerprint === fingerprintOf(plan) && current) return plan;
      throw new CorrectionError('PLAN_CHANGED', `The stored plan ${id} is not what it was; plan the correction again.`);
    }
  throw new CorrectionError('PLAN_UNKNOWN', `There is no plan ${id}; twofold correct makes one.`, { facts: { id } });
}

/** The plan that a correction was made by, while it is kept; null: it is not, or a redaction of the stream came since. */
export async function findPlan(archive: Kept, stream: string, fingerprint: string): Promise<CorrectionPlan | null> {
  const shelf = archive.corrections(stream);
  const names = (await shelf.listDocuments()).filter((name) => name.startsWith('plan-')).sort();
  for (const name of names.reverse()) {
    const bytes = await shelf.getDocument(name);
    const plan = bytes === null ? null : planOfDocument(bytes);
    if (plan?.fingerprint === fingerprint) return (await isCurrent(archive, stream, plan.redactions)) ? plan : null;
  }
  return null;
}

/** A plan as it is stored. */
export function planOfDocument(bytes: Uint8Array): CorrectionPlan {
  return JSON.parse(new TextDecoder().decode(bytes)) as CorrectionPlan;
}

export function fingerprintOf(plan: Omit<CorrectionPlan, 'fingerprint'>): string {
  return sha256(planDecisions(plan)).slice(0, 32);
}

function planName(id: string): string {
  return `plan-${id}.json`;
}
