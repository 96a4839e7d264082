import type { ColumnArchive } from '@twofold/archive';
import { isWhole } from '@twofold/batch-layer';
import { standingOf } from '@twofold/corrections';
import { correctionsOf, liveRelease, type ControlRow, type Release } from '@twofold/releases';
import type { ListedCorrection, ListedRelease } from '@twofold/serving-api';
import type { Project } from '@twofold/views';

/** A kept release, with the corrections in force in it, of all streams. */
export function listedRelease(row: ControlRow, release: Release, { streams }: Project): ListedRelease {
  const { number, id, reason } = release;
  return {
    ...{ number, id, reason, live: id === row.live, restorable: isWhole(row, release) },
    corrections: streams.flatMap(({ name }) => correctionsOf(row, release, name)),
  };
}

/** Every correction that was ever appended, of all streams, newest first. */
export async function listedCorrections(
  project: Project,
  row: ControlRow,
  archive: Pick<ColumnArchive, 'corrections'>,
): Promise<ListedCorrection[]> {
  const listed: ListedCorrection[] = [];
  for (const { name } of project.streams) {
    const all = await archive.corrections(name).list();
    const inForce = new Set(correctionsOf(row, liveRelease(row), name));
    const standing = new Set(standingOf(all.filter(({ id }) => inForce.has(id))).map(({ id }) => id));
    for (const { id, stream, kind, reverts, asked, plannedAt, targets, added, ...note } of all) {
      const { reason, ticket, author, approver, idempotencyKey } = note;
      listed.push({
        ...{ id, stream, kind, reverts, asked, plannedAt, reason, ticket, author, approver, idempotencyKey },
        ...{ targets: targets?.count ?? 0, rows: added?.rows ?? 0, inForce: standing.has(id) },
      });
    }
  }
  return listed.reverse();
}
