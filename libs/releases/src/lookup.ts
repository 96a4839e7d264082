import type { Candidate, ControlRow, Cut, Entry, Release } from './control-row.ts';

/** `view@version`: what floors are kept by. */
export function viewVersionKey(of: { readonly view: string; readonly version: number }): string {
  return `${of.view}@${of.version}`;
}

export function ceilTo(offset: number, size: number): number {
  return Math.ceil(offset / size) * size;
}

export function floorTo(offset: number, size: number): number {
  return Math.floor(offset / size) * size;
}

/** The cut of one partition: a partition that the vector does not reach has its origin (glossary: cut). */
export function cutAt(cut: Cut, partition: number, origins: readonly number[]): number {
  return cut[partition] ?? origins[partition] ?? 0;
}

export function releaseOf(row: ControlRow, id: string): Release | null {
  return row.releases.find((release) => release.id === id) ?? null;
}

export function liveRelease(row: ControlRow): Release {
  const live = releaseOf(row, row.live);
  if (live === null) throw new TypeError(`control row ${row.project}: the live release ${row.live} is not in it`);
  return live;
}

/** What a release reads of a view; null when it has none or when the entry is no longer restorable. */
export function entryOf(row: ControlRow, release: Release, view: string): Entry | null {
  const id = release.entries[view];
  return id === undefined ? null : (row.entries[id] ?? null);
}

export function candidateOf(row: ControlRow, id: string): Candidate | null {
  return row.candidates.find((candidate) => candidate.id === id) ?? null;
}

/**
 * Every entry whose lanes are folded and whose answers must stay exact: those of the releases that the row still
 * names, and those of registered candidates (E2, E17).
 */
export function foldedEntries(row: ControlRow): readonly Entry[] {
  const seen = new Map<string, Entry>();
  for (const release of row.releases)
    for (const id of Object.values(release.entries)) {
      const entry = row.entries[id];
      if (entry !== undefined) seen.set(id, entry);
    }
  for (const candidate of row.candidates) for (const entry of candidate.entries) seen.set(entry.id, entry);
  return [...seen.values()];
}

/** The corrections list that all views of a stream have in a release (E0). */
export function correctionsOf(row: ControlRow, release: Release, stream: string): readonly string[] {
  for (const id of Object.values(release.entries)) {
    const entry = row.entries[id];
    if (entry !== undefined && entry.stream === stream) return entry.corrections;
  }
  return [];
}

export function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** Ids of all builds that must stay readable (E14): those of folded entries. A candidate's base is in a release that trim keeps. */
export function reachableBuilds(row: ControlRow): ReadonlySet<string> {
  return new Set(foldedEntries(row).flatMap(({ build }) => build ?? []));
}

/**
 * The stream that a view version reads, also of one that nothing names any more but its floor. Rows of earlier releases
 * do not note it: then another entry of the view tells. Null: nobody knows.
 */
export function streamOfVersion(row: ControlRow, key: string): string | null {
  const noted = row.versionStreams?.[key];
  if (noted !== undefined) return noted;
  const entries = [...Object.values(row.entries), ...row.candidates.flatMap((candidate) => candidate.entries)];
  const view = key.slice(0, key.lastIndexOf('@'));
  const same = entries.find((entry) => viewVersionKey(entry) === key) ?? entries.find((entry) => entry.view === view);
  return same?.stream ?? null;
}
