import { coverOf, cutAt, entryOf, liveRelease, type LaneName } from '@twofold/releases';
import type { LogReader } from '@twofold/event-log';
import type { Stream } from '@twofold/schemas';
import type { Clock } from '@twofold/service';
import { operatorLane, type ViewStore } from '@twofold/view-store';
import type { Project } from '@twofold/views';
import type { StreamTopic } from './platform.ts';

export interface CaughtUpPorts {
  readonly topics: readonly StreamTopic[];
  readonly log: Pick<LogReader, 'partitions'>;
  readonly store: ViewStore;
  readonly clock: Clock;
}

const LOOK_MS = 50;

/** Resolves when an answer of every view would hold all that its log held when this was called. */
export async function caughtUp(project: Project, ports: CaughtUpPorts, signal?: AbortSignal): Promise<void> {
  for (const { stream } of ports.topics) await operated(stream, ports, signal);
  for (const { stream, topic } of ports.topics) {
    const ends = await ports.log.partitions(topic);
    for (const view of project.views.filter((v) => v.stream.name === stream.name))
      while (!(await reaches(view.name, ends, ports))) await ports.clock.sleep(LOOK_MS, signal);
  }
}

/** A change stream has all that its operator makes of what the log held (E26). */
async function operated(stream: Stream, { topics, log, store, clock }: CaughtUpPorts, signal?: AbortSignal) {
  const input = topics.find((each) => each.stream.name === stream.change?.of.name);
  if (input === undefined) return;
  const ends = await log.partitions(input.topic);
  for (;;) {
    const told = await store.progress.read(operatorLane(stream));
    const nextOf = (partition: number): number => told.find((each) => each.partition === partition)?.next ?? -1;
    if (ends.every(({ partition, start, end }) => end === start || nextOf(partition) >= end)) return;
    await clock.sleep(LOOK_MS, signal);
  }
}

/** Is every partition claimed up to its end (E3, E22)? The base chain alone does not tell: a remainder may lag. */
async function reaches(
  name: string,
  ends: readonly { readonly partition: number; readonly end: number }[],
  { store }: CaughtUpPorts,
): Promise<boolean> {
  const row = await store.control.read();
  const entry = row === null ? null : entryOf(row, liveRelease(row), name);
  const stream = entry === null ? undefined : row?.streams[entry.stream];
  if (entry === null || stream === undefined) return false;
  const progress = await store.progress.read(entry);
  return ends.every(({ partition, end }) => {
    const next = (lane: LaneName): number | null =>
      progress.find((record) => record.partition === partition && record.lane === lane)?.next ?? null;
    const cut = cutAt(entry.cut, partition, stream.origins);
    const lanes = { base: next('base'), remainder: next(`remainder:${cut}`), wide: [] };
    return partition < stream.origins.length && coverOf(cut, stream.sliceSize, lanes).claim >= end;
  });
}
