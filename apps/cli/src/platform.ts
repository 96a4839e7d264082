import path from 'node:path';
import { createParquetArchive } from '@twofold/archive-parquet';
import { archivedRecords, type ColumnArchive } from '@twofold/archive';
import { createArchivedLog, type EventLog, type LogReader } from '@twofold/event-log';
import { openEmbeddedLog } from '@twofold/event-log-embedded';
import type { Stream } from '@twofold/schemas';
import { nodeFs, systemClock, systemRng, ulidIds, type Clock, type Ids, type Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import { openEmbeddedStore } from '@twofold/view-store-embedded';
import type { Project } from '@twofold/views';
import { alarmTopic } from './run-alarms.ts';

export interface StreamTopic {
  readonly stream: Stream;
  readonly topic: string;
}

/** The embedded log, archive and store of one data folder, as one thread sees them. */
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
  readonly events: EventLog;
}

/** The project's id is the first part of every topic's name. */
export function topicsOf(project: Project): StreamTopic[] {
  return project.streams.map((stream) => ({ stream, topic: `${project.id}.${stream.name}` }));
}

/** Opens a data folder as its one writer, and makes the topics that are missing. */
export async function openToWrite(
  project: Project,
  dataFolder: string,
  partitions: number,
  logger: Logger,
): Promise<WritablePlatform> {
  const { clock, ids } = machine();
  const events = await openEmbeddedLog({
    directory: path.join(dataFolder, 'log'),
    fs: nodeFs,
    clock,
    ids,
    mode: 'write',
    logger,
  });
  try {
    const topics = topicsOf(project);
    for (const { topic } of [...topics, { topic: alarmTopic(project) }])
      await events.ensureTopic(topic, { partitions: await partitionsOf(events, topic, partitions) });
    const platform = await openRest(project, dataFolder, events, { clock, ids });
    const close = async (): Promise<void> => {
      await platform.close();
      await events.close();
    };
    return { ...platform, events, close };
  } catch (error) {
    await events.close();
    throw error;
  }
}

/** Opens a data folder beside its writer: follows the log as far as it is durable. */
export async function openToFollow(project: Project, dataFolder: string): Promise<Platform> {
  const { clock, ids } = machine();
  const events = await openEmbeddedLog({ directory: path.join(dataFolder, 'log'), fs: nodeFs, clock, mode: 'read' });
  const platform = await openRest(project, dataFolder, events, { clock, ids });
  const close = async (): Promise<void> => {
    await platform.close();
    await events.close();
  };
  return { ...platform, close };
}

function machine(): { clock: Clock; ids: Ids } {
  const clock = systemClock();
  return { clock, ids: ulidIds(clock, systemRng()) };
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
  dataFolder: string,
  events: LogReader,
  { clock, ids }: { clock: Clock; ids: Ids },
): Promise<Platform> {
  const topics = topicsOf(project);
  const archive = createParquetArchive({ directory: path.join(dataFolder, 'archive'), ids });
  const store = await openEmbeddedStore({
    directory: path.join(dataFolder, 'store'),
    project: project.id,
    ids,
    clock,
    mode: 'write',
  });
  return { topics, log: withArchive(events, archive, topics), archive, store, clock, ids, close: () => store.close() };
}

/** What the log no longer has comes from the archive, through the same port (E7). */
function withArchive(events: LogReader, archive: ColumnArchive, topics: readonly StreamTopic[]): LogReader {
  const streamOf = (topic: string): Stream | undefined => topics.find((t) => t.topic === topic)?.stream;
  return createArchivedLog(events, archivedRecords(archive, streamOf));
}
