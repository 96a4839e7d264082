import { archivedRecords } from '@twofold/archive';
import type { Logger } from '@twofold/service';
import {
  runOperators,
  runSpeedLayer,
  SPEED_DEFAULTS,
  type OperatorPorts,
  type SpeedLayer,
  type SpeedLayerTask,
  type SpeedOptions,
} from '@twofold/speed-layer';
import type { Project, View } from '@twofold/views';
import { openSnapshots } from './open-parts.ts';
import { openOwnership } from './ownership.ts';
import type { WritablePlatform } from './platform.ts';
import { alarmSides, alarmTopic, beginAlarms, runDelivery } from './run-alarms.ts';
import type { CliSettings } from './settings.ts';

export interface RunningSpeed {
  readonly speed: SpeedLayer;
  /** Rejects when the store is gone or a delivery fails for good. */
  readonly ended: Promise<unknown>;
  /** Drains: what was read is written. */
  readonly end: () => Promise<void>;
}

/** The speed layer with its alarms and their delivery, and the operators. */
export async function runSpeed(
  project: Project,
  /** Of other versions, folded beside those that are declared. */
  former: readonly View[],
  platform: WritablePlatform,
  values: CliSettings,
  logger: Logger,
): Promise<RunningSpeed> {
  const { webhookUrl } = values;
  const { topics } = platform;
  const alarms = { project, ...platform, logger, webhookUrl };
  await beginAlarms(alarms);
  const shared = [...topics.map(({ topic }) => topic), alarmTopic(project)];
  const ownership = await openOwnership(project.id, shared, values, logger);
  const owns = (topic: string, partition: number): boolean => ownership.owns(topic, partition);
  const stop = new AbortController();
  const task = {
    streams: topics,
    views: project.views,
    sides: alarmSides(alarms),
    owns: (stream: string, partition: number) => owns(`${project.id}.${stream}`, partition),
  };
  const speed = runSpeedLayer(
    withFormer(task, former, project),
    { ...platform, logger },
    stop.signal,
    speedOptions(values),
  );
  const operators = runOperators(task, operatorPorts(platform, values, logger), stop.signal);
  const work = Promise.all([speed.done, operators.done, runDelivery(alarms, owns, stop.signal)]);
  const end = async (): Promise<void> => {
    stop.abort();
    await work.finally(() => ownership.leave());
  };
  return { speed, ended: Promise.race([work, ownership.failed]), end };
}

/** A node on the network is written to less often than a file: it has the whole open slice to take each time. */
const CASSANDRA_FLUSH_MS = 60;

function speedOptions({ flushEvery, cassandraContactPoints }: CliSettings): SpeedOptions {
  const usual = cassandraContactPoints === null ? SPEED_DEFAULTS.flushMs : CASSANDRA_FLUSH_MS;
  return { ...SPEED_DEFAULTS, flushMs: flushEvery ?? usual };
}

/** Views of other versions are folded too, each from records as its own version of the stream reads them; alarms only once. */
function withFormer(task: SpeedLayerTask, former: readonly View[], { id }: Project): SpeedLayerTask {
  const isDeclared = (fingerprint: string): boolean =>
    task.streams.some(({ stream }) => stream.fingerprint === fingerprint);
  const streams = new Map(
    former.filter(({ stream }) => !isDeclared(stream.fingerprint)).map(({ stream }) => [stream.fingerprint, stream]),
  );
  const { sides } = task;
  return {
    ...task,
    streams: [...task.streams, ...[...streams.values()].map((stream) => ({ stream, topic: `${id}.${stream.name}` }))],
    views: [...task.views, ...former],
    ...(sides === undefined
      ? {}
      : {
          sides: async (stream, partition, signal) =>
            isDeclared(stream.fingerprint) ? sides(stream, partition, signal) : [],
        }),
  };
}

/** Operators read the log with the archive below it, and append to the log. */
function operatorPorts(platform: WritablePlatform, values: CliSettings, logger: Logger): OperatorPorts {
  const { log, events, store, clock, archive, topics } = platform;
  const archived = archivedRecords(archive, (topic) => topics.find((each) => each.topic === topic)?.stream);
  return {
    log: { ...log, append: (topic, records, signal) => events.append(topic, records, signal) },
    control: store.control,
    progress: store.progress,
    snapshots: openSnapshots(values, platform),
    erased: (topic, partition) => archived.blanks(topic, partition),
    clock,
    logger,
  };
}
