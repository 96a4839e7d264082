import { ArchiveError, derivedStream } from '@twofold/archive';
import {
  ArchiveCollector,
  DocumentCollector,
  changeControl,
  collect,
  compactArchive,
  deriveVersion,
  emptyMemory,
  ensureRegistered,
  LogArchiver,
  readControl,
  rollBackTo,
  type BatchPorts,
  type BatchProject,
  type CollectMemory,
} from '@twofold/batch-layer';
import { liveRelease, releaseHolds, releaseOf, rollBack, type ControlRow } from '@twofold/releases';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import { mergeOnce, PartitionWorker } from '@twofold/speed-layer';
import type { View } from '@twofold/views';
import type { Topic } from './model.ts';
import type { Process } from './process.ts';
import { reviewedRun } from './reviewed-run.ts';
import type { Random } from './rng.ts';
import type { Machine, World } from './world.ts';

/** The services as they are, each in the loop that its program runs it in. */
export function speedWorker(world: World, topic: Topic, partition: number) {
  const views = world.model.views.filter((view) => view.stream.name === topic.stream.name);
  const { random } = world;
  return async (machine: Machine): Promise<void> => {
    const options = {
      flushMs: random.int(10, 80),
      controlMs: random.int(20, 150),
      readBytes: random.pick(world.model.size.readBytes),
      pendingBytes: random.pick([500, 1 << 20]),
    };
    const ports = { log: machine.log, store: machine.store, clock: machine.clock, logger: machine.batch.logger };
    await new PartitionWorker({ ...topic, partition, views }, ports, options).run(machine.process.stop.signal);
  };
}

export function archiver(world: World) {
  return async (machine: Machine): Promise<void> => {
    const { batch, process, clock } = machine;
    const { signal } = process.stop;
    const { model } = world;
    const { fileRecords, readBytes } = model.size;
    const options = { fileRecords: world.random.int(...fileRecords), readBytes: world.random.pick(readBytes) };
    const { project, newVersion } = world;
    const archivers = project.streams.map((topic) => ({ topic, archiver: new LogArchiver(topic, batch, options) }));
    // A program of before goes on beside the new one for a while.
    while (!signal.aborted && !world.isReplaced(newVersion)) {
      const row = await ensureRegistered(model.newer === undefined ? world.project : project, batch, signal);
      for (const { topic, archiver: each } of archivers) {
        const origins = row.streams[topic.stream.name]?.origins ?? [];
        const state = await each.archiveUntilEnd(origins, signal);
        await deriveVersion(topic, state, origins, batch, options, signal);
      }
      await clock.sleep(world.random.int(20, 300), signal);
    }
  };
}

/** Archives everything as a run does before it builds, and derives what its versions of the streams have not read yet. */
export async function archiveOnce(world: World, { batch, process }: Machine, project: BatchProject): Promise<void> {
  const { signal } = process.stop;
  const options = { fileRecords: 60, readBytes: 1 << 16 };
  const { streams } = await ensureRegistered(project, batch, signal);
  for (const topic of project.streams) {
    const origins = streams[topic.stream.name]?.origins ?? [];
    const archiver = new LogArchiver(topic, batch, options);
    try {
      const state = await archiver.archiveUntilEnd(origins, signal);
      await deriveVersion(topic, state, origins, batch, options, signal);
    } finally {
      await archiver.close();
    }
  }
}

/** The chains of a project's archive: each stream's, and what was derived for its version. */
function chainsOf({ project, model }: World): readonly Stream[] {
  const streams = project.streams.map(({ stream }) => stream);
  return model.newer === undefined ? streams : streams.flatMap((stream) => [stream, derivedStream(stream)]);
}

export function runner(world: World) {
  const { random, coverage } = world;
  return async (machine: Machine): Promise<void> => {
    const { batch, process, clock } = machine;
    await clock.sleep(random.int(10, world.model.size.pauseMs), process.stop.signal);
    const { project, wanted } = world;
    await ensureRegistered(project, batch, process.stop.signal);
    // A run begins with what it builds from.
    if (world.model.newer !== undefined) await archiveOnce(world, machine, project);
    const views = wanted.filter(() => random.chance(0.7));
    const incarnation = batch.store.incarnation;
    const result = await reviewedRun(world, views, batch, process.stop.signal, { chooseCut: cutChooser(random) });
    coverage.partsShared += result.facts['partsShared'] ?? 0;
    coverage.slicesCompared += result.facts['slicesCompared'] ?? 0;
    if (result.release !== null && !world.observer.wereLive.has(result.release) && incarnation !== '')
      world.observer.fail('E15', `${process.name} says that ${result.release} is live, and it never was`);
  };
}

export function cutChooser(random: Random) {
  const mood = random.int(0, 3);
  return (_: View, __: number, from: number, archived: number): number =>
    mood === 0 ? archived : mood === 1 && random.chance(0.5) ? from : random.int(from, Math.max(from, archived));
}

export function collector(world: World) {
  const options = { restorable: world.random.int(2, 3), candidateMs: world.random.pick([150, 1_500, 60_000]) };
  const memories = new WeakMap<Process, CollectMemory>();
  const memoryOf = (process: Process): CollectMemory => {
    const memory = memories.get(process) ?? emptyMemory();
    memories.set(process, memory);
    return memory;
  };
  return async ({ batch, process, clock }: Machine): Promise<void> => {
    await clock.sleep(world.random.int(50, 700), process.stop.signal);
    const before = world.observer.row?.candidates.length ?? 0;
    const result = await collect(batch, process.stop.signal, options, memoryOf(process));
    world.coverage.idsForgotten += result.idsForgotten;
    if ((world.observer.row?.candidates.length ?? 0) < before) world.coverage.candidatesCancelled++;
    world.coverage.rowsSwept += result.rowsSwept;
  };
}

/** Merges small files of the archive into larger ones while others read them. */
export function compactor(world: World) {
  const limits = { maxRecords: world.random.int(60, 400), maxBytes: 1 << 20, minFiles: world.random.int(2, 4) };
  return async ({ archive, process, clock }: Machine): Promise<void> => {
    await clock.sleep(world.random.int(100, 600), process.stop.signal);
    for (const stream of chainsOf(world))
      try {
        world.coverage.filesCompacted += await compactArchive(stream, archive, process.stop.signal, limits);
      } catch (error) {
        // Somebody else has merged the files meanwhile, and they are gone: the next round reads the head again.
        if (!(error instanceof ArchiveError) || error.code !== 'FILE_MISSING') throw error;
        const missing = await world.brokenArchive();
        if (missing !== null) world.observer.fail('E12', missing);
      }
  };
}

/**
 * Removes archive files that nothing names, soon: whoever still reads one has to read the head again. And what was told,
 * or never is: only a rollback that stands still for longer than any does here would miss it.
 */
export function archiveCollector(world: World) {
  const options = { graceMs: world.random.pick([0, 100, 600]) };
  const { coverage, random } = world;
  return async ({ batch, process, clock }: Machine): Promise<void> => {
    const of = new ArchiveCollector(batch, options);
    const documents = new DocumentCollector(batch, { graceMs: 2_000, diffs: 20 });
    while (!process.stop.signal.aborted) {
      await clock.sleep(random.int(50, 300), process.stop.signal);
      coverage.filesRemoved += await of.collect(
        chainsOf(world).map(({ name }) => name),
        process.stop.signal,
      );
      coverage.documentsRemoved += await documents.collect(
        world.topics.map(({ stream }) => stream.name),
        process.stop.signal,
      );
    }
  };
}

export function merger(world: World) {
  return async ({ batch, process, clock, store, log }: Machine): Promise<void> => {
    await clock.sleep(150, process.stop.signal);
    const ports = { log, store, clock, logger: batch.logger };
    await mergeOnce(
      world.model.topics.map(({ stream }) => stream),
      world.model.views,
      ports,
      process.stop.signal,
    );
  };
}

/** Puts views back to what is restorable, now and then, and lets them go again. */
export function operator(world: World) {
  const { random } = world;
  return async ({ batch, process, clock }: Machine): Promise<void> => {
    const { signal } = process.stop;
    await clock.sleep(random.int(300, 1_500), signal);
    const row = await readControl(batch.store.control, clock, signal);
    if (row === null) return;
    if (random.chance(0.5)) await putBack(world, random.pick(row.releases).id, batch, signal);
    else await putSomeBack(world, row, batch, signal);
    await clock.sleep(random.int(50, 800), signal);
    await letGo({ batch, clock, signal });
  };
}

/** As an operator's command does it. */
export async function putBack(world: World, release: string, batch: BatchPorts, signal: AbortSignal): Promise<void> {
  try {
    await rollBackTo({ release, views: null }, world.project, batch, signal);
  } catch (error) {
    if (!isTwofoldError(error) || error.code !== 'ROLLBACK_REFUSED') throw error;
  }
}

/** Any restorable entries, as the rule allows; nobody is told. */
async function putSomeBack(world: World, row: ControlRow, batch: BatchPorts, signal: AbortSignal): Promise<void> {
  const { random } = world;
  const live = liveRelease(row);
  const steps = Object.entries(live.entries).flatMap(([view, from]) => {
    const others = Object.values(row.entries).filter((entry) => entry.view === view && entry.id !== from);
    return others.length === 0 || random.chance(0.5) ? [] : [{ view, from, to: random.pick(others).id }];
  });
  if (steps.length === 0) return;
  const release = world.ids.next();
  world.observer.feed.silent.add(release);
  await changeControl(
    batch.store.control,
    batch.clock,
    {
      make: (now) => rollBack(now, steps, release),
      effect: (now) => (releaseOf(now, release) === null ? 'NOT_DONE' : 'DONE'),
    },
    signal,
  );
}

export async function letGo(of: Pick<Machine, 'batch' | 'clock'> & { signal: AbortSignal }): Promise<void> {
  await changeControl(
    of.batch.store.control,
    of.clock,
    {
      make: (now) => (now.holds.length === 0 ? null : releaseHolds(now, now.holds)),
      effect: (now) => (now.holds.length === 0 ? 'DONE' : 'NOT_DONE'),
    },
    of.signal,
  );
}
