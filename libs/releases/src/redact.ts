import type { ControlRow, Cut, Entry, RedactionMark } from './control-row.ts';
import { type Refusal, refuse } from './errors.ts';
import { cutAt, entryOf, liveRelease, sameList, streamOfVersion, viewVersionKey } from './lookup.ts';
import { next, type Transition } from './transition.ts';
import { promote } from './transitions.ts';

/** What a redaction changes in the control row. */
export interface Redaction {
  readonly stream: string;
  /** Id of the correction. */
  readonly correction: string;
  /** Every target stands below it. */
  readonly cut: Cut;
  /** The corrections in force that it was planned on. */
  readonly base: readonly string[];
}

/**
 * The first step of a redaction (E21): nothing but live is left, no lane begins below a target, and no view of the
 * stream is built without the redaction any more. Only then may the archive be rewritten: a worker that starts anew
 * would fold blanks into slices that an older release still reads.
 */
export function beginRedaction(row: ControlRow, redaction: Redaction): Transition {
  const { stream, correction, cut, base } = redaction;
  const live = liveRelease(row);
  const under = row.redactions?.[stream];
  if (under?.release === null && under.correction !== correction)
    return refuse('REDACTING', `stream ${stream} is being redacted by correction ${under.correction}; finish it first`);
  for (const name of Object.keys(live.entries)) {
    const entry = entryOf(row, live, name);
    if (entry === null || entry.stream !== stream) continue;
    const problem = entryProblem(row, entry, redaction);
    if (problem !== null) return problem;
    if (!sameList(entry.corrections, base))
      return refuse('BASE_MOVED', `the corrections in force of stream ${stream} are not those of the plan any more`);
  }
  const mark: RedactionMark = { correction, cut, release: null };
  return next(row, onlyLive(row, { ...row.redactions, [stream]: mark }));
}

/** The redaction of a row that was begun: its candidate becomes live, and what was live before goes, with all it names. */
export function completeRedaction(row: ControlRow, stream: string, candidateId: string, releaseId: string): Transition {
  const mark = row.redactions?.[stream];
  if (mark === undefined) return refuse('NOT_REGISTERED', `no redaction of stream ${stream} was begun`);
  const promoted = promote(row, candidateId, releaseId);
  if (!promoted.ok) return promoted;
  const live = liveRelease(promoted.row);
  for (const [name, id] of Object.entries(live.entries)) {
    const entry = promoted.row.entries[id];
    if (entry?.stream === stream && !entry.corrections.includes(mark.correction))
      return refuse('CORRECTIONS_DIFFER', `view ${name} of stream ${stream} would be live without the redaction`);
  }
  const redactions = { ...row.redactions, [stream]: { ...mark, release: live.number } };
  return { ok: true, row: { ...promoted.row, ...onlyLive(promoted.row, redactions) } };
}

/** The redaction of a stream that no view reads: there is nothing to build. What is built later names it. */
export function completeUnviewed(row: ControlRow, stream: string, correction: string): Transition {
  const mark = row.redactions?.[stream];
  if (mark?.correction !== correction)
    return refuse('NOT_REGISTERED', `redaction ${correction} of stream ${stream} was not begun`);
  const live = liveRelease(row);
  const viewed = Object.values(live.entries).find((id) => row.entries[id]?.stream === stream);
  if (viewed !== undefined)
    return refuse('CORRECTIONS_DIFFER', `entry ${viewed} of stream ${stream} would be live without the redaction`);
  return next(row, { redactions: { ...row.redactions, [stream]: { ...mark, release: live.number } } });
}

function entryProblem(row: ControlRow, entry: Entry, { cut, stream }: Redaction): Refusal | null {
  if (row.holds.includes(entry.view))
    return refuse('VIEW_HELD', `view ${entry.view} is held by a rollback; let go of it first`);
  const origins = row.streams[stream]?.origins ?? [];
  const ahead = origins.findIndex((_, p) => cutAt(entry.cut, p, origins) < cutAt(cut, p, origins));
  if (ahead < 0) return null;
  return refuse(
    'TARGETS_AHEAD',
    `view ${entry.view}: live is at ${cutAt(entry.cut, ahead, origins)} in partition ${ahead}, and targets stand below ${cutAt(cut, ahead, origins)}`,
  );
}

/**
 * Nothing but the live release and its entries, no candidate, and every floor raised: of a version that live has to its
 * cut, of any other version of a redacted stream to that redaction's (decision 0032).
 */
function onlyLive(
  row: ControlRow,
  redactions: NonNullable<ControlRow['redactions']>,
): Pick<ControlRow, 'entries' | 'releases' | 'candidates' | 'floors' | 'redactions'> {
  const live = liveRelease(row);
  const kept = Object.values(live.entries).flatMap((id) => row.entries[id] ?? []);
  const floors = Object.entries(row.floors).map(([key, floor]) => {
    const stream = streamOfVersion(row, key) ?? '';
    const origins = row.streams[stream]?.origins ?? [];
    const lowest = kept.find((entry) => viewVersionKey(entry) === key)?.cut ?? redactions[stream]?.cut;
    if (lowest === undefined) return [key, floor] as const;
    return [key, origins.map((_, p) => Math.max(cutAt(floor, p, origins), cutAt(lowest, p, origins)))] as const;
  });
  return {
    entries: Object.fromEntries(kept.map((entry) => [entry.id, entry])),
    releases: [live],
    candidates: [],
    floors: Object.fromEntries(floors),
    redactions,
  };
}
