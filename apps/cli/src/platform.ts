import { archivedRecords, type ColumnArchive } from '@twofold/archive';
import { restatementTopic } from '@twofold/batch-layer';
import { createArchivedLog, type EventLog, type LogReader } from '@twofold/event-log';
import type { Stream } from '@twofold/schemas';
import type { Clock, Ids, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { Project } from '@twofold/views';
import {
  followLog,
  openArchive,
  openLog,
  openStore,
  thisMachine,
  type Machine,
  type WritableLog,
} from './open-parts.ts';
import { alarmTopic } from './run-alarms.ts';
import type { CliSettings } from './settings.ts';

export interface StreamTopic {
  readonly stream: Stream;
  readonly topic: string;
}

/** The log, archive and store of one project, as one thread sees them. */
export interface Platform {
  readonly topics: readonly StreamTopic[];
  /** The log, and below its start the archive (E7). */
  readonly log: LogReader;
  readonly archive: ColumnArchive;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly ids: Ids;
  close(): Promise<void>;
}

export interface WritablePlatform extends Platform {
  readonly events: WritableLog;
}

/** The project's id is the first part of every topic's name. */
export function topicsOf(project: Project): StreamTopic[] {
  return project.streams.map((stream) => ({ stream, topic: `${project.id}.${stream.name}` }));
}

/** Opens all parts to write, an embedded log as its one writer, and makes the topics that are missing. */
export async function openToWrite(project: Project, values: CliSettings, logger: Logger): Promise<WritablePlatform> {
  const machine = thisMachine(logger);
  const events = await openLog(values, machine);
  return closingOnFailure(events, async () => {
    for (const topic of [...topicsOf(project).map((each) => each.topic), alarmTopic(project)])
      await events.ensureTopic(topic, { partitions: await partitionsOf(events, topic, values.partitions) });
    await events.ensureTopic(restatementTopic(project), { partitions: 1 });
    await growChangeTopics(project, events);
    return { ...(await openRest(project, values, events, machine)), events };
  });
}

/** Opens all parts beside who writes an embedded log: follows it as far as it is durable. */
export async function openToFollow(project: Project, values: CliSettings, logger: Logger): Promise<Platform> {
  const machine = thisMachine(logger);
  const events = await followLog(values, machine);
  return closingOnFailure(events, () => openRest(project, values, events, machine));
}

async function closingOnFailure<T>(opened: { close(): Promise<void> }, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** A change stream has a partition for each one of what it is made of. */
async function growChangeTopics(project: Project, events: EventLog): Promise<void> {
  for (const { name, change } of project.streams) {
    if (change === undefined) continue;
    const [topic, input] = [name, change.of.name].map((each) => `${project.id}.${each}`);
    if (topic === undefined || input === undefined) continue;
    const { length } = await events.partitions(input);
    await events.ensureTopic(topic, { partitions: await partitionsOf(events, topic, length) });
  }
}

/** A topic that is there keeps its partitions. */
async function partitionsOf(events: EventLog, topic: string, wanted: number): Promise<number> {
  try {
    return Math.max(wanted, (await events.partitions(topic)).length);
  } catch {
    return wanted;
  }
}

async function openRest(
  project: Project,
  values: CliSettings,
  events: LogReader & { close(): Promise<void> },
  machine: Machine,
): Promise<Platform> {
  const topics = topicsOf(project);
  const archive = openArchive(values, machine);
  const store = await openStore(project.id, values, machine, 'write');
  const close = async (): Promise<void> => {
    await store.close();
    await events.close();
  };
  const { clock, ids } = machine;
  return { topics, log: withArchive(events, archive, topics), archive, store, clock, ids, close };
}

/** What the log no longer has comes from the archive, through the same port (E7). */
function withArchive(events: LogReader, archive: ColumnArchive, topics: readonly StreamTopic[]): LogReader {
  const streamOf = (topic: string): Stream | undefined => topics.find((t) => t.topic === topic)?.stream;
  return createArchivedLog(events, archivedRecords(archive, streamOf));
}
