import {
  cancelCandidate,
  candidateOf,
  cutAt,
  lanesOf,
  reachableBuilds,
  streamOfVersion,
  trim,
  viewVersionKey,
} from '@twofold/releases';
import type { LaneName } from '@twofold/view-store';
import { plannedFrom } from './candidate-id.ts';
import { changeControl, readControl } from './change-control.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';

export interface CollectOptions {
  /** Distinct entries a view can be put back to (E17). */
  readonly restorable: number;
  /** A candidate older than this is nobody's any more and is cancelled. */
  readonly candidateMs: number;
}

export const COLLECT_DEFAULTS: CollectOptions = { restorable: 5, candidateMs: 60 * 60 * 1000 };

export interface CollectResult {
  readonly partsRemoved: number;
  readonly buildsRemoved: number;
  readonly rowsSwept: number;
  /** Ids of removed parts and builds that need not be kept any more. */
  readonly idsForgotten: number;
}

/** The rows that one collector saw, oldest first: it has to know what was long ago by its own clock only. */
export interface CollectMemory {
  readonly seen: { readonly sequence: number; readonly atMs: number }[];
}

export function emptyMemory(): CollectMemory {
  return { seen: [] };
}

type CollectPorts = Pick<BatchPorts, 'store' | 'clock' | 'logger'>;

/**
 * Lets go of what nothing can be put back to: first the control row (entries dropped, floors raised), then the deletes
 * (E8). Parts and builds are listed before the row is read (E14). Repeating it does no harm and is wanted: a late write
 * can make a row that no sweep saw.
 */
export async function collect(
  ports: CollectPorts,
  signal: AbortSignal,
  options: CollectOptions = COLLECT_DEFAULTS,
  memory: CollectMemory = emptyMemory(),
): Promise<CollectResult> {
  await cancelStale(ports, signal, options);
  await changeControl(
    ports.store.control,
    ports.clock,
    { make: (row) => trim(row, options.restorable), effect: () => 'NOT_DONE' },
    signal,
  );
  const removed = await removeUnreachable(ports, signal);
  const rowsSwept = await sweep(ports, signal);
  return { ...removed, rowsSwept, idsForgotten: await forgetRemoved(ports, signal, options, memory) };
}

/**
 * The store keeps the id of what was removed, because somebody may still write it: a run whose candidate was cancelled
 * while it stood still, or a write of it that arrives late. It need not, once it takes nothing new below a mark: those ids
 * begin with the candidate's, and that with the sequence of the row it was planned on. The mark is at or below every
 * registered candidate, so that no run at work is shut out, and at or below a row seen `candidateMs` ago, so that none is
 * that has planned but not registered. A run that took longer finds its part missing when it reads it back, and is
 * repeated.
 */
async function forgetRemoved(
  ports: CollectPorts,
  signal: AbortSignal,
  options: CollectOptions,
  { seen }: CollectMemory,
): Promise<number> {
  const { store, clock } = ports;
  const row = await readControl(store.control, clock, signal);
  if (row === null) return 0;
  const atMs = clock.monotonic();
  seen.push({ sequence: row.sequence, atMs });
  while (seen[1] !== undefined && atMs - seen[1].atMs >= options.candidateMs) seen.shift();
  const [oldest] = seen;
  if (oldest === undefined || atMs - oldest.atMs < options.candidateMs) return 0;
  const ids = [plannedFrom(oldest.sequence), ...row.candidates.map((candidate) => candidate.id)];
  const below = ids.reduce((lowest, id) => (id < lowest ? id : lowest));
  return patiently(clock, () => store.parts.forgetRemoved(below), signal);
}

async function cancelStale(ports: CollectPorts, signal: AbortSignal, options: CollectOptions): Promise<void> {
  const row = await readControl(ports.store.control, ports.clock, signal);
  const oldest = ports.clock.now() - options.candidateMs;
  for (const { id, registeredAt } of row?.candidates ?? []) {
    if (registeredAt >= oldest) continue;
    ports.logger.warn('a candidate that nobody finished is cancelled', { candidate: id });
    await changeControl(
      ports.store.control,
      ports.clock,
      {
        make: (now) => (candidateOf(now, id) === null ? null : cancelCandidate(now, id)),
        effect: (now) => (candidateOf(now, id) === null ? 'DONE' : 'NOT_DONE'),
      },
      signal,
    );
  }
}

/** Parts that no reachable index names and no registered candidate owns; indexes of builds that nothing names. */
async function removeUnreachable(
  ports: CollectPorts,
  signal: AbortSignal,
): Promise<Pick<CollectResult, 'partsRemoved' | 'buildsRemoved'>> {
  const { store, clock } = ports;
  const listed = await patiently(clock, () => store.parts.list(), signal);
  const row = await readControl(store.control, clock, signal);
  if (row === null) return { partsRemoved: 0, buildsRemoved: 0 };
  const builds = new Set(reachableBuilds(row));
  const named = new Set<string>();
  for (const build of builds) {
    const index = await patiently(clock, () => store.parts.index(build), signal);
    for (const part of index?.parts ?? []) named.add(part.part);
  }
  const owned = (id: string): boolean => row.candidates.some((candidate) => id.startsWith(`${candidate.id}.`));
  const parts = listed.parts.filter((part) => !named.has(part) && !owned(part));
  const gone = listed.builds.filter((build) => !builds.has(build) && !owned(build));
  if (parts.length + gone.length > 0) await patiently(clock, () => store.parts.remove({ parts, builds: gone }), signal);
  return { partsRemoved: parts.length, buildsRemoved: gone.length };
}

/** Speed rows below the floors, and the progress of remainders that no lane names any more. */
async function sweep(ports: CollectPorts, signal: AbortSignal): Promise<number> {
  const { store, clock } = ports;
  const row = await readControl(store.control, clock, signal);
  if (row === null) return 0;
  let swept = 0;
  for (const [key, floor] of Object.entries(row.floors)) {
    const of = parseKey(key);
    const stream = streamOfVersion(row, key);
    if (stream === null) continue;
    const origins = row.streams[stream]?.origins ?? [];
    const progress = await patiently(clock, () => store.progress.read(of, signal), signal);
    for (let partition = 0; partition < origins.length; partition++) {
      const below = cutAt(floor, partition, origins);
      swept += await patiently(clock, () => store.speedRows.sweep(of, partition, below), signal);
      const named = new Set(
        lanesOf(row, stream, partition)
          .filter((lane) => viewVersionKey(lane) === key)
          .map((lane) => lane.name),
      );
      const gone = progress
        .filter((p) => p.partition === partition && remainderBelow(p.lane, below) && !named.has(p.lane))
        .map((p) => p.lane);
      if (gone.length > 0) await patiently(clock, () => store.progress.remove(of, partition, gone), signal);
    }
  }
  return swept;
}

function remainderBelow(lane: LaneName, below: number): boolean {
  return lane.startsWith('remainder:') && Number(lane.slice('remainder:'.length)) < below;
}

function parseKey(key: string): { view: string; version: number } {
  const at = key.lastIndexOf('@');
  return { view: key.slice(0, at), version: Number(key.slice(at + 1)) };
}
