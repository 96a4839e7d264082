import type { ArchiveFile, StoredCorrection } from '@twofold/archive';
import {
  CorrectionError,
  decodeTargets,
  isIn,
  type CorrectionPlan,
  type Erasure,
  type Runs,
} from '@twofold/corrections';
import { sha256, targetsName, correctionFolder } from '@twofold/archive';
import { addedSourceOf } from '@twofold/corrections';
import type { Stream } from '@twofold/schemas';
import type { BatchPorts } from '../../ports.ts';
import { appendLink, type LinkParts } from '../append-link.ts';
import { planChanged } from '../still-as-shown.ts';
import { searchedFiles } from './find-copies.ts';

/** Writes rows of earlier corrections anew, without the targets, then the correction that names them; nothing is erased yet. */
export async function appendRedaction(
  plan: CorrectionPlan,
  stream: Stream,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<StoredCorrection> {
  const { erases: planned } = plan;
  if (planned === undefined) throw new CorrectionError('CORRECTION_DAMAGED', `Plan ${plan.id} names nothing to erase.`);
  const shelf = ports.archive.corrections(plan.stream);
  const targets = await targetsOf(plan, ports);
  const added = await rewriteAdded(planned.added, targets, stream, ports, signal);
  const { blanks, lastLogTime, repeats } = planned;
  const partsOn = async (list: readonly StoredCorrection[]): Promise<LinkParts | string> => {
    const later = addedLater(plan, list);
    if (later !== null) return later;
    const links = await shelf.erasedLinks(planned.links);
    const erases = { blanks, lastLogTime, added, links, plan: plan.id, ...(repeats === undefined ? {} : { repeats }) };
    return { reverts: null, added: null, erases };
  };
  const appended = await appendLink(plan, partsOn, ports, signal);
  if (typeof appended === 'string') throw planChanged(appended);
  return appended;
}

/**
 * Rows that a correction added since the plan was made were not looked through: whether they are in force or not, they may be
 * copies of what is erased. Null: there are none.
 */
function addedLater(plan: CorrectionPlan, list: readonly StoredCorrection[]): string | null {
  const later = list.slice(plan.links ?? 0).find(({ added }) => added !== null);
  if (later === undefined) return null;
  return `correction ${later.id} added rows to stream ${plan.stream} after it was planned`;
}

/** Throws PLAN_CHANGED when a correction added rows since the plan was made. */
export function requireAllSearched(plan: CorrectionPlan, list: readonly StoredCorrection[]): void {
  const later = addedLater(plan, list);
  if (later !== null) throw planChanged(later);
}

async function targetsOf({ stream, targets }: CorrectionPlan, { archive }: BatchPorts): Promise<Map<number, Runs>> {
  const bytes = await archive.corrections(stream).getDocument(targetsName(targets?.sha256 ?? ''));
  if (bytes === null || sha256(bytes) !== targets?.sha256)
    throw new CorrectionError('CORRECTION_DAMAGED', 'The targets of the plan are not what they were; plan it again.');
  return new Map(decodeTargets(new TextDecoder().decode(bytes)).map(({ source, runs }) => [source, runs]));
}

async function rewriteAdded(
  numbers: readonly number[],
  targets: ReadonlyMap<number, Runs>,
  stream: Stream,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<Erasure<ArchiveFile>['added']> {
  const list = await ports.archive.corrections(stream.name).list();
  const files = searchedFiles({ ...(await ports.archive.head(stream.name)), files: [] }, list);
  const made: { readonly number: number; readonly file: ArchiveFile }[] = [];
  for (const number of numbers) {
    const old = files.find((each) => each.number === number)?.file;
    if (old === undefined) continue;
    const runs = targets.get(addedSourceOf(number)) ?? [];
    const folder = { ...stream, name: correctionFolder(stream.name) };
    const file = await ports.archive.eraseRows(folder, old, (row) => isIn(runs, row), signal);
    made.push({ number, file });
  }
  return made;
}
