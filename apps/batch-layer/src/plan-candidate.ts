import { archivedEnd, type ArchiveState, type EventTimes } from '@twofold/archive';
import {
  correctionsOf,
  cutAt,
  entryOf,
  liveRelease,
  sameList,
  type Candidate,
  type ControlRow,
  type Entry,
} from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { planView } from './plan-view.ts';
import { candidateId } from './candidate-id.ts';
import { addedByVersion } from './corrections/added-by-version.ts';
import { loadList, type LoadedList } from './corrections/load-list.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';
import { registeredView } from './register-project.ts';
import { Surveys } from './surveys.ts';

/** What a candidate does for one view. */
export interface Work {
  readonly view: View;
  readonly entry: Entry;
  readonly base: Entry | null;
  readonly state: ArchiveState;
  readonly origins: readonly number[];
  readonly plan: Awaited<ReturnType<typeof planView>>['plan'];
  /** The corrections that the entry names. */
  readonly list: LoadedList;
  readonly eventsSince: number;
  readonly checked: Set<string>;
}

export interface PlannedCandidate {
  readonly candidate: Candidate;
  readonly works: readonly Work[];
}

export interface CandidateOptions {
  /** The cut of one partition, at most the archive's end: the archive's end unless a simulator wants otherwise. */
  readonly chooseCut?: (view: View, partition: number, from: number, archived: number) => number;
  /** Event time, milliseconds `[from, to)`, whose parts are built again although nothing of them has changed. */
  readonly again?: EventTimes;
  /** Nothing is shared with the base. */
  readonly fresh?: boolean;
  /** By stream: the corrections of the candidate. Live's, unless told (E20). */
  readonly lists?: ReadonlyMap<string, readonly string[]>;
}

/** One candidate that names every view for which there is something new. Its cuts are the archive's ends. Null: nothing is. */
export async function planCandidate(
  views: readonly View[],
  row: ControlRow,
  states: ReadonlyMap<string, ArchiveState>,
  ports: BatchPorts,
  signal: AbortSignal,
  options: CandidateOptions,
): Promise<PlannedCandidate | null> {
  const id = candidateId(row.sequence, ports.ids);
  const live = liveRelease(row);
  const works: Work[] = [];
  const checked = new Set<string>();
  const surveys = new Surveys(ports);
  const lists = new Map<string, LoadedList>();
  for (const view of views) {
    const state = states.get(view.stream.name);
    const stream = row.streams[view.stream.name];
    if (state === undefined || stream === undefined || row.holds.includes(view.name)) continue;
    const inForce = isRead(row, view.stream)
      ? correctionsOf(row, live, view.stream.name)
      : await redactionsOf(view.stream, ports, signal);
    const corrections = options.lists?.get(view.stream.name) ?? inForce;
    const list = lists.get(view.stream.name) ?? (await listFor(view.stream, corrections, ports, signal));
    lists.set(view.stream.name, list);
    const base = entryOf(row, live, view.name);
    const cut = cutOf({ view, base, row, state, list }, options);
    const isSame =
      base !== null &&
      base.version === view.version &&
      sameList(base.corrections, corrections) &&
      cut.every((c, p) => c === cutAt(base.cut, p, stream.origins));
    if (isSame && options.again === undefined) continue;
    const named = { id: `${id}.${view.name}`, ...registeredView(view), build: `${id}.${view.name}`, cut, corrections };
    const origins = stream.origins;
    const task = { view, entry: named, base, state, origins, list, checked, again: options.again ?? null };
    const fresh = options.fresh === true;
    const { watermark, plan, eventsSince } = await planView({ ...task, fresh, surveys }, ports, signal);
    if (isSame && plan.fresh.length === 0) continue;
    works.push({ ...task, entry: { ...named, watermark }, plan, eventsSince });
  }
  if (works.length === 0) return null;
  const baseEntries = Object.fromEntries(works.map(({ view, base }) => [view.name, base?.id ?? null]));
  const baseCorrections = Object.fromEntries(
    works.map(({ view }) => [view.stream.name, correctionsOf(row, live, view.stream.name)]),
  );
  const entries = works.map((work) => work.entry);
  const candidate = { id, registeredAt: ports.clock.now(), base: live.id, baseEntries, baseCorrections, entries };
  return { candidate, works };
}

function isRead(row: ControlRow, { name }: Stream): boolean {
  return Object.values(liveRelease(row).entries).some((id) => row.entries[id]?.stream === name);
}

/** What was erased of a stream before any view read it: the first one is built without it. */
async function redactionsOf({ name }: Stream, { archive, clock }: BatchPorts, signal: AbortSignal): Promise<string[]> {
  return patiently(
    clock,
    async () => {
      const { redactions } = await archive.head(name);
      const list = redactions.length === 0 ? [] : await archive.corrections(name).list();
      return redactions.flatMap((number) => list[number]?.id ?? []);
    },
    signal,
  );
}

/** The corrections of a candidate's views, with added rows as their version of the stream reads them. */
function listFor(
  stream: Stream,
  corrections: readonly string[],
  { archive, clock }: BatchPorts,
  signal: AbortSignal,
): Promise<LoadedList> {
  return patiently(
    clock,
    async () => addedByVersion(await loadList(archive, stream.name, corrections), stream, archive, signal),
    signal,
  );
}

/** At or above the base's cut, the floor, and every target of every correction that the entry names (E19). */
function cutOf(
  of: {
    readonly view: View;
    readonly base: Entry | null;
    readonly row: ControlRow;
    readonly state: ArchiveState;
    readonly list: LoadedList;
  },
  { chooseCut }: CandidateOptions,
): number[] {
  const { view, base, row, state, list } = of;
  const origins = row.streams[view.stream.name]?.origins ?? [];
  const floor = row.floors[`${view.name}@${view.version}`] ?? [];
  return origins.map((origin, p) => {
    const targetsBelow = list.corrections.map(({ cut }) => cut[p] ?? origin);
    const from = base === null ? origin : cutAt(base.cut, p, origins);
    const lowest = Math.max(from, floor[p] ?? origin, ...targetsBelow);
    const archived = archivedEnd(state, p);
    return Math.max(lowest, chooseCut?.(view, p, lowest, archived) ?? archived);
  });
}
