import type { Candidate, ControlRow, Entry, Release } from './control-row.ts';
import { type Refusal, refuse } from './errors.ts';
import { candidateOf, correctionsOf, cutAt, entryOf, liveRelease, sameList, viewVersionKey } from './lookup.ts';
import { next, type Transition } from './transition.ts';
import { untoldWith } from './untold.ts';

function floorProblem(row: ControlRow, entry: Entry): Refusal | null {
  const stream = row.streams[entry.stream];
  if (stream === undefined)
    return refuse('UNKNOWN_STREAM', `view ${entry.view} reads stream ${entry.stream}, which is not registered`);
  const floor = row.floors[viewVersionKey(entry)];
  for (let p = 0; p < stream.origins.length; p++) {
    const cut = cutAt(entry.cut, p, stream.origins);
    const origin = stream.origins[p] ?? 0;
    if (cut < origin)
      return refuse('BELOW_ORIGIN', `view ${entry.view}: cut ${cut} of partition ${p} is below the origin ${origin}`);
    if (floor !== undefined && cut < cutAt(floor, p, stream.origins))
      return refuse(
        'BELOW_FLOOR',
        `view ${entry.view}@${entry.version}: cut ${cut} of partition ${p} is below the floor ${cutAt(floor, p, stream.origins)}; build at a later cut`,
      );
  }
  return null;
}

/** Registers a candidate before it is built (E15): checks floors and holds, pins its cut, creates its lanes. */
export function registerCandidate(row: ControlRow, candidate: Candidate): Transition {
  if (candidateOf(row, candidate.id) !== null || candidate.entries.some((entry) => row.entries[entry.id] !== undefined))
    return refuse('ALREADY_REGISTERED', `candidate ${candidate.id} was registered before; an id is used once`);
  const floors: Record<string, readonly number[]> = { ...row.floors };
  const versionStreams: Record<string, string> = { ...row.versionStreams };
  for (const entry of candidate.entries) {
    if (row.holds.includes(entry.view))
      return refuse('VIEW_HELD', `view ${entry.view} is held by a rollback; release the hold first`);
    const problem = floorProblem(row, entry) ?? redactionProblem(row, entry);
    if (problem !== null) return problem;
    versionStreams[viewVersionKey(entry)] = entry.stream;
    // The first registration of a view version sets its floor (E2).
    floors[viewVersionKey(entry)] ??= entry.cut;
  }
  const stale = baseProblem(row, candidate);
  if (stale !== null) return stale;
  return next(row, { candidates: [...row.candidates, candidate], floors, versionStreams });
}

/** E21: from a redaction's begin on nothing is built without it, nor at a cut that one of its targets is above. */
function redactionProblem(row: ControlRow, entry: Entry): Refusal | null {
  const mark = row.redactions?.[entry.stream];
  if (mark === undefined) return null;
  if (!entry.corrections.includes(mark.correction))
    return refuse(
      'REDACTING',
      `stream ${entry.stream} is being redacted by correction ${mark.correction}, and view ${entry.view} would be built without it; finish the redaction (twofold apply with its plan), then build again`,
    );
  const origins = row.streams[entry.stream]?.origins ?? [];
  const below = origins.findIndex((_, p) => cutAt(entry.cut, p, origins) < cutAt(mark.cut, p, origins));
  if (below < 0) return null;
  return refuse(
    'BELOW_FLOOR',
    `view ${entry.view}: the cut of partition ${below} is below that of redaction ${mark.correction}; build at a later cut`,
  );
}

export function cancelCandidate(row: ControlRow, id: string): Transition {
  if (candidateOf(row, id) === null) return refuse('NOT_REGISTERED', `candidate ${id} is not registered`);
  return next(row, { candidates: row.candidates.filter((candidate) => candidate.id !== id) });
}

/** E0: the entries and lists that the candidate was made from must still be live's. */
function baseProblem(row: ControlRow, candidate: Candidate): Refusal | null {
  const live = liveRelease(row);
  for (const [view, base] of Object.entries(candidate.baseEntries))
    if ((live.entries[view] ?? null) !== base)
      return refuse(
        'BASE_MOVED',
        `view ${view} is at entry ${live.entries[view] ?? 'none'} in live, the candidate was made from ${base ?? 'none'}; build again on the new base`,
      );
  for (const [stream, base] of Object.entries(candidate.baseCorrections))
    if (!sameList(correctionsOf(row, live, stream), base))
      return refuse(
        'BASE_MOVED',
        `the corrections in force of stream ${stream} have changed since the candidate was made; build again`,
      );
  return null;
}

/** Every view of a stream has one corrections list in a release; a candidate that changes it must name all of them (E0). */
function listProblem(row: ControlRow, live: Release, entries: readonly Entry[]): Refusal | null {
  const named = new Map(entries.map((entry) => [entry.view, entry]));
  const merged = Object.entries(live.entries).flatMap(([view, id]) => {
    const entry = named.get(view) ?? row.entries[id];
    return entry === undefined ? [] : [entry];
  });
  for (const entry of entries) {
    const other = [...merged, ...entries].find(
      (o) => o.stream === entry.stream && !sameList(o.corrections, entry.corrections),
    );
    if (other !== undefined)
      return refuse(
        'CORRECTIONS_DIFFER',
        `views ${entry.view} and ${other.view} of stream ${entry.stream} would have different corrections in one release; name every view of the stream`,
      );
  }
  return null;
}

function shrinkProblem(row: ControlRow, live: Release, entry: Entry): Refusal | null {
  const before = entryOf(row, live, entry.view);
  const origins = row.streams[entry.stream]?.origins ?? [];
  if (before === null || before.stream !== entry.stream) return null;
  for (let p = 0; p < origins.length; p++)
    if (cutAt(entry.cut, p, origins) < cutAt(before.cut, p, origins))
      return refuse(
        'CUT_SHRINKS',
        `view ${entry.view}: cut of partition ${p} would go back from ${cutAt(before.cut, p, origins)} to ${cutAt(entry.cut, p, origins)}`,
      );
  return null;
}

/**
 * Turns a candidate into the live release: live's entries with the named ones replaced (E0, E15).
 * @param announces with the same step it is noted that those who read what was before are to be told
 */
export function promote(row: ControlRow, candidateId: string, releaseId: string, announces = false): Transition {
  const candidate = candidateOf(row, candidateId);
  if (candidate === null) return refuse('NOT_REGISTERED', `candidate ${candidateId} is not registered`);
  const live = liveRelease(row);
  for (const entry of candidate.entries)
    if (row.holds.includes(entry.view))
      return refuse('VIEW_HELD', `view ${entry.view} is held by a rollback; release the hold first`);
  const problem =
    baseProblem(row, candidate) ??
    listProblem(row, live, candidate.entries) ??
    candidate.entries
      .map((entry) => floorProblem(row, entry) ?? shrinkProblem(row, live, entry))
      .find((p) => p !== null);
  if (problem !== null && problem !== undefined) return problem;
  const entries = { ...row.entries };
  const named = { ...live.entries };
  for (const entry of candidate.entries) {
    entries[entry.id] = entry;
    named[entry.view] = entry.id;
  }
  const release: Release = { id: releaseId, number: live.number + 1, entries: named, reason: 'PROMOTED' };
  return next(row, {
    entries,
    live: releaseId,
    releases: [...row.releases.filter((r) => r.id !== live.id), live, release],
    candidates: row.candidates.filter((c) => c.id !== candidateId),
    ...(announces ? untoldWith(row, { release: releaseId, number: release.number }) : {}),
  });
}

/** One view put back: `from` is what the operator saw live, `to` a restorable entry of the view. */
export interface RollbackStep {
  readonly view: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Puts restorable entries back, in a new release, and holds the views (E17).
 * @param announces with the same step it is noted that those who read what was before are to be told
 */
export function rollBack(
  row: ControlRow,
  steps: readonly RollbackStep[],
  releaseId: string,
  announces = false,
): Transition {
  const live = liveRelease(row);
  const named = { ...live.entries };
  const chosen: Entry[] = [];
  for (const step of steps) {
    const entry = row.entries[step.to];
    if (live.entries[step.view] !== step.from)
      return refuse(
        'BASE_MOVED',
        `view ${step.view} is at entry ${live.entries[step.view] ?? 'none'}, not at ${step.from}: look again before rolling back`,
      );
    if (entry === undefined || entry.view !== step.view)
      return refuse('ENTRY_NOT_RESTORABLE', `entry ${step.to} of view ${step.view} is no longer restorable`);
    named[step.view] = step.to;
    chosen.push(entry);
  }
  const problem = listProblem(row, live, chosen);
  if (problem !== null) return problem;
  const release: Release = { id: releaseId, number: live.number + 1, entries: named, reason: 'ROLLED_BACK' };
  return next(row, {
    live: releaseId,
    releases: [...row.releases, release],
    holds: [...new Set([...row.holds, ...steps.map((step) => step.view)])].sort(),
    ...(announces ? untoldWith(row, { release: releaseId, number: release.number }) : {}),
  });
}

export function releaseHolds(row: ControlRow, views: readonly string[]): Transition {
  return next(row, { holds: row.holds.filter((view) => !views.includes(view)) });
}

/**
 * Takes views out of what is read, in a new release: those that the project does not declare any more. What they were
 * made of is collected when the releases that name them are.
 */
export function retireViews(row: ControlRow, views: readonly string[], releaseId: string): Transition {
  const live = liveRelease(row);
  const missing = views.find((view) => live.entries[view] === undefined);
  if (missing !== undefined || views.length === 0)
    return refuse('UNKNOWN_VIEW', `release ${live.number} has no view ${missing ?? 'of none'}; nothing is retired`);
  const entries = Object.fromEntries(Object.entries(live.entries).filter(([view]) => !views.includes(view)));
  const release: Release = { id: releaseId, number: live.number + 1, entries, reason: 'RETIRED' };
  return next(row, {
    live: releaseId,
    releases: [...row.releases, release],
    holds: row.holds.filter((view) => !views.includes(view)),
  });
}
