import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createDiskFiles, createParquetArchive } from '@twofold/archive-parquet';
import type { ColumnArchive, RemovableBlobs } from '@twofold/archive';
import type { OperatorStates } from '@twofold/batch-layer';
import type { EventLog } from '@twofold/event-log';
import { openEmbeddedLog, type EmbeddedLog, type FollowedLog } from '@twofold/event-log-embedded';
import { KafkaLog } from '@twofold/event-log-kafka';
import { nodeFs, systemClock, systemRng, ulidIds, type Clock, type Ids, type Logger } from '@twofold/service';
import { operatorStateFolder, type ViewStore } from '@twofold/view-store';
import { openCassandraStore } from '@twofold/view-store-cassandra';
import { openEmbeddedStore } from '@twofold/view-store-embedded';
import { cassandraOf, kafkaOf } from './server-settings.ts';
import type { CliSettings } from './settings.ts';

/** What every part is opened with: this machine's clock, chance and log lines. */
export interface Machine {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

export function thisMachine(logger: Logger): Machine {
  const clock = systemClock();
  return { clock, ids: ulidIds(clock, systemRng()), logger };
}

/** A log to append to; the embedded one can close a segment, so that it can be let go of, Kafka tells how a topic is set. */
export type WritableLog = EventLog & Partial<Pick<EmbeddedLog, 'seal'> & Pick<KafkaLog, 'report'>>;

/** The log on Kafka, or the embedded one as its one writer. */
export async function openLog(values: CliSettings, machine: Machine): Promise<WritableLog> {
  const kafka = openKafka(values, machine);
  if (kafka !== null) return kafka;
  return openEmbeddedLog({ directory: logFolder(values), fs: nodeFs, ...machine, mode: 'write' });
}

/** The log on Kafka, or the embedded one beside its writer. */
export async function followLog(values: CliSettings, machine: Machine): Promise<FollowedLog> {
  const { clock } = machine;
  const kafka = openKafka(values, machine);
  return kafka ?? openEmbeddedLog({ directory: logFolder(values), fs: nodeFs, clock, mode: 'read' });
}

export function openKafka(values: CliSettings, { clock, logger }: Omit<Machine, 'ids'>): KafkaLog | null {
  const connection = kafkaOf(values);
  if (connection === null) return null;
  const { kafkaReplicas: replicationFactor } = values;
  return new KafkaLog({
    ...connection,
    clock,
    logger,
    topics: replicationFactor === null ? {} : { replicationFactor },
  });
}

/** @param mode read: nothing is changed, where the store is embedded; on Cassandra that is left to the roles of the user. */
export async function openStore(
  project: string,
  values: CliSettings,
  { clock, ids }: Machine,
  mode: 'read' | 'write',
): Promise<ViewStore> {
  const settings = cassandraOf(values);
  if (settings !== null) return openCassandraStore({ settings, project, ids, clock });
  return openEmbeddedStore({ directory: path.join(values.dataFolder, 'store'), project, ids, clock, mode });
}

export function openArchive(values: CliSettings, { ids }: Pick<Machine, 'ids'>): ColumnArchive {
  return createParquetArchive({ directory: archiveFolder(values), ids });
}

/** Where operators keep their states: beside the archive, which all processes share. */
export function openSnapshots(values: CliSettings, { ids }: Pick<Machine, 'ids'>): RemovableBlobs {
  return createDiskFiles(nodeFs, archiveFolder(values), ids);
}

/** The same, for redactions: all that there are of a change stream, whatever program left them. */
export function openStates(values: CliSettings, machine: Pick<Machine, 'ids'>): OperatorStates {
  const blobs = openSnapshots(values, machine);
  return {
    async list(stream) {
      const folder = operatorStateFolder({ name: stream });
      const found = await readdir(path.join(archiveFolder(values), folder), { recursive: true }).catch(
        (error: NodeJS.ErrnoException) => {
          // No operator has stored any yet.
          if (error.code === 'ENOENT') return [];
          throw error;
        },
      );
      return found.map((name) => `${folder}/${name.split(path.sep).join('/')}`);
    },
    remove: (name) => blobs.remove(name),
  };
}

const archiveFolder = (values: CliSettings): string => values.archiveFolder ?? path.join(values.dataFolder, 'archive');
const logFolder = (values: CliSettings): string => path.join(values.dataFolder, 'log');
