import { decodeTargets, type RedactionCertificate } from '@twofold/corrections';
import type { ClassifiedRecord } from '@twofold/oracle';
import { erasedPlaces, inputOf, itemOf } from './check-row-redaction.ts';
import type { ChainedCorrection, PlannedCorrection } from './corrected-truth.ts';
import type { PendingRows } from './row-redactor.ts';
import type { World } from './world.ts';

/** Is a change one that a restatement brought which the redaction erases? */
function isTheirs({ items, plan }: PendingRows, record: ClassifiedRecord): boolean {
  return (
    record.class !== 'rejected' && items.has(itemOf(record)) && inputOf(record) < (plan.cut[record.partition] ?? 0)
  );
}

/** Records of a change stream that repeat, above a redaction's cut, what it erased. */
export function repeatsIn({ truth }: World, pending: PendingRows): ClassifiedRecord[] {
  const { made, derived } = pending;
  return (truth.partitions.get(made.name) ?? []).flatMap(({ classified, origin }, partition) =>
    classified.filter((record) => record.offset >= (derived?.cut[partition] ?? origin) && isTheirs(pending, record)),
  );
}

/** E21: what a redaction erases that nobody was shown are repetitions of what others had erased. Null: it is no such one. */
export function repeatedBy(world: World, stream: string, correction: ChainedCorrection): PlannedCorrection | null {
  if (correction.erases?.repeats !== true) return null;
  const name = `${stream}.corrections/documents/targets-${correction.targets?.sha256}.json`;
  const drops = decodeTargets(new TextDecoder().decode(world.files.stored.get(name))).flatMap(({ source, runs }) =>
    runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => ({ source, offset: from + i }))),
  );
  const theirs = new Set(
    world.rows.planned
      .flatMap((pending) => repeatsIn(world, pending))
      .map(({ partition, offset }) => `${partition}:${offset}`),
  );
  const strange = drops.find(({ source, offset }) => !theirs.has(`${source}:${offset}`));
  if (strange !== undefined)
    world.observer.fail(
      'E21',
      `redaction ${correction.id} erases ${strange.source}:${strange.offset}, which repeats nothing`,
    );
  return { drops, rows: [], rowTime: 0 };
}

/** What has to be gone when an apply that begins now has ended. */
export interface DueRepeats {
  readonly of: readonly PendingRows[];
  /** By stream: ends of its partitions. */
  readonly ends: ReadonlyMap<string, readonly number[]>;
}

export function dueRepeats({ truth, model }: World, of: readonly PendingRows[]): DueRepeats {
  const endsOf = (name: string): number[] => (truth.partitions.get(name) ?? []).map(({ end }) => end);
  return { of, ends: new Map(model.topics.map(({ stream: { name } }) => [name, endsOf(name)])) };
}

/** E21: nothing that an operator repeated of erased rows, above the cut, is left where the certificate says that it was looked. */
export function checkRepeats(world: World, { of, ends }: DueRepeats, { looked }: RedactionCertificate): void {
  for (const pending of of) {
    const { made, plan } = pending;
    const gone = erasedPlaces(world, made);
    const due = ends.get(made.name) ?? [];
    const below = looked?.stream === made.name ? looked.below : [];
    const left = repeatsIn(world, pending).find(
      ({ partition, offset }) =>
        offset < Math.max(due[partition] ?? 0, below[partition] ?? 0) && !gone.has(`${partition}:${offset}`),
    );
    if (left !== undefined)
      world.observer.fail(
        'E21',
        `plan ${plan.id} is applied, and ${made.name} repeats its rows at ${left.partition}:${left.offset}`,
      );
  }
}
