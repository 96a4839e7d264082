import type { ControlRow, Release } from './control-row.ts';
import { cutAt, foldedEntries, releaseOf, viewVersionKey } from './lookup.ts';
import { next, type Transition } from './transition.ts';

/** Newest first, distinct: what each view could be put back to. The first is live's. */
function entriesByView(row: ControlRow): Map<string, string[]> {
  const byView = new Map<string, string[]>();
  const live = releaseOf(row, row.live);
  const ordered = [...(live === null ? [] : [live]), ...[...row.releases].reverse()];
  for (const release of ordered)
    for (const [view, id] of Object.entries(release.entries)) {
      if (row.entries[id] === undefined) continue;
      const ids = byView.get(view) ?? [];
      if (!ids.includes(id)) ids.push(id);
      byView.set(view, ids);
    }
  return byView;
}

/** How many releases are kept beside those that restorable entries need. Bounds the row's size. */
const RECENT_RELEASES = 32;

/**
 * Drops what can no longer be put back and raises floors (E17: restorable is counted per view, over distinct entries).
 * The same row comes back when there is nothing to drop. What the row no longer names may be deleted *after* it is stored (E8).
 */
export function trim(row: ControlRow, restorable: number): Transition | null {
  const keep = new Set<string>();
  const wanted = new Set(row.releases.slice(-Math.max(1, restorable)).flatMap(({ entries }) => Object.keys(entries)));
  for (const [view, ids] of entriesByView(row))
    // A view that was retired can be put back as long as a release of it could.
    if (wanted.has(view)) for (const id of ids.slice(0, Math.max(1, restorable))) keep.add(id);
  for (const candidate of row.candidates)
    for (const id of Object.values(candidate.baseEntries)) if (id !== null) keep.add(id);
  const entries = Object.fromEntries(Object.entries(row.entries).filter(([id]) => keep.has(id)));
  const newestOf = new Set<string>();
  const needed = new Set<Release>();
  const newestFirst = [...row.releases].reverse();
  for (const [age, release] of newestFirst.entries())
    for (const id of Object.values(release.entries)) {
      if (!keep.has(id)) continue;
      if (release.id === row.live || age < RECENT_RELEASES || !newestOf.has(id)) needed.add(release);
      newestOf.add(id);
    }
  const trimmed: ControlRow = { ...row, entries, releases: row.releases.filter((release) => needed.has(release)) };
  const floors = raiseFloors(trimmed);
  const changed =
    Object.keys(entries).length !== Object.keys(row.entries).length ||
    trimmed.releases.length !== row.releases.length ||
    JSON.stringify(floors) !== JSON.stringify(row.floors);
  return changed ? next(trimmed, { floors }) : null;
}

function raiseFloors(row: ControlRow): Record<string, readonly number[]> {
  const floors: Record<string, readonly number[]> = {};
  const entries = foldedEntries(row);
  for (const [key, old] of Object.entries(row.floors)) {
    const mine = entries.filter((entry) => viewVersionKey(entry) === key);
    // A version that nothing names keeps its floor: it must never be registered below what was swept.
    if (mine.length === 0) {
      floors[key] = old;
      continue;
    }
    const origins = row.streams[mine[0]?.stream ?? '']?.origins ?? [];
    floors[key] = origins.map((_, p) =>
      Math.max(cutAt(old, p, origins), Math.min(...mine.map((entry) => cutAt(entry.cut, p, origins)))),
    );
  }
  return floors;
}
