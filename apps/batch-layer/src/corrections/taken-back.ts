import type { ArchiveFile, StoredCorrection } from '@twofold/archive';
import {
  addedSourceOf,
  firstAddedSource,
  isIn,
  outsideOf,
  sizeOf,
  type Overlay,
  type Runs,
} from '@twofold/corrections';
import type { BatchPorts } from '../ports.ts';
import { addedByVersion } from './added-by-version.ts';
import { countedEvents } from './counted-events.ts';
import { EffectCounter } from './effect-counter.ts';
import { TargetFinder } from './find-targets.ts';
import { loadOverlay, loadTargets, type LoadedList } from './load-list.ts';
import type { PlanningGround } from './planning-ground.ts';

/** What is otherwise when a correction is taken back, by position: its targets and its rows. */
export interface TakenBack {
  /** Events that count again, and those that count no more. */
  readonly comes: TargetFinder;
  readonly goes: TargetFinder;
  /** Of both together. */
  readonly effects: EffectCounter;
}

/** What a correction hits and brings: that of the one that it takes back, or brings into force again. */
export interface Reached {
  readonly runs: ReadonlyMap<number, Runs>;
  readonly count: number;
  /** How much of it redactions erased. */
  readonly erased: number;
}

/** The targets and the rows that a correction is about at last, however often it was taken back in between. */
export async function reachedBy(
  correction: StoredCorrection,
  { corrections, overlay }: LoadedList,
  { archive }: Pick<BatchPorts, 'archive'>,
): Promise<Reached> {
  let root = correction;
  while (root.reverts !== null) {
    const { reverts } = root;
    const before = corrections.find(({ id }) => id === reverts);
    if (before === undefined) break;
    root = before;
  }
  const { targets, added, number, stream } = root;
  const hit = targets === null ? [] : await loadTargets(archive, stream, targets);
  const runs = new Map(hit.map((each) => [each.source, each.runs]));
  if (added !== null) runs.set(addedSourceOf(number), [[0, added.rows]]);
  let [count, left] = [0, 0];
  for (const [source, some] of runs) {
    count += sizeOf(some);
    const erased = overlay.erased.get(source) ?? [];
    for (const [from, to] of some) left += sizeOf(outsideOf(erased, from, to));
  }
  return { runs, count, erased: count - left };
}

/** Reads the events that count on one side only: with the correction, or without it. */
export async function takeBack(
  correction: StoredCorrection,
  { runs }: Reached,
  { stream, views, state, list }: PlanningGround & { readonly list: LoadedList },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<TakenBack> {
  const inverse = { ...correction, id: `not ${correction.id}`, reverts: correction.id, targets: null, added: null };
  const corrections = [...list.corrections, inverse];
  const without = { corrections, overlay: await loadOverlay(ports.archive, stream.name, corrections) };
  const sides = { before: (await read(list)).overlay, after: (await read(without)).overlay };
  const effects = new EffectCounter(views);
  const finders = { comes: new TargetFinder(stream, effects), goes: new TargetFinder(stream, effects) };
  const times = timesOf(correction);
  const collect = async (finder: TargetFinder, side: Overlay<ArchiveFile>, other: Overlay<ArchiveFile>) => {
    const task = { stream, state, overlay: side, range: (source: number) => hullOf(runs.get(source) ?? []) };
    const wanted = (file: ArchiveFile): boolean => isWithin(file, times);
    for await (const some of countedEvents({ ...task, wanted, within: times }, ports.archive, signal))
      finder.take(some, ({ offsets }, row) => !isCounted(other, some.source, offsets[row] ?? 0));
  };
  await collect(finders.comes, sides.after, sides.before);
  await collect(finders.goes, sides.before, sides.after);
  return { ...finders, effects };

  function read(of: LoadedList): Promise<LoadedList> {
    return addedByVersion(of, stream, ports.archive, signal);
  }
}

function isCounted({ dropped, added }: Overlay<ArchiveFile>, source: number, offset: number): boolean {
  const isThere = source < firstAddedSource || added.some((each) => each.source === source);
  return isThere && !isIn(dropped.get(source) ?? [], offset);
}

/** Where the first of them begins and the last ends; null: there is none. */
function hullOf(runs: Runs): { readonly from: number; readonly to: number } | null {
  const [first, last] = [runs[0], runs.at(-1)];
  return first === undefined || last === undefined ? null : { from: first[0], to: last[1] };
}

function timesOf({ touched }: StoredCorrection): { readonly from: number; readonly to: number } {
  return hullOf(touched) ?? { from: -Infinity, to: Infinity };
}

function isWithin({ minEventTime, maxEventTime }: ArchiveFile, { from, to }: { from: number; to: number }): boolean {
  return minEventTime !== null && maxEventTime !== null && maxEventTime >= from && minEventTime < to;
}
