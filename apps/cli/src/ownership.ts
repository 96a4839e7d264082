import { joinGroup } from '@twofold/event-log-kafka';
import type { Logger } from '@twofold/service';
import { kafkaOf } from './server-settings.ts';
import type { CliSettings } from './settings.ts';

/** Which partitions of which topics are this process's. */
export interface Ownership {
  owns(topic: string, partition: number): boolean;
  /** Rejects when it can not be found out any more. */
  readonly failed: Promise<never>;
  /** Gives its partitions to the others. */
  leave(): Promise<void>;
}

/** A process that died keeps its partitions so long: the least that brokers take unless told otherwise. */
const SESSION_MS = 6_000;
const HEARTBEAT_MS = 1_000;

const never = new Promise<never>(() => undefined);

/** The embedded log has one process; it owns everything. */
const everything: Ownership = { owns: () => true, failed: never, leave: () => Promise.resolve() };

/**
 * Processes of one project divide the partitions among themselves by a Kafka consumer group. It only saves work: a
 * partition with two workers for a while, or with one that does not know that it lost it, is harmless (E5).
 */
export async function openOwnership(
  project: string,
  topics: readonly string[],
  values: CliSettings,
  logger: Logger,
): Promise<Ownership> {
  const connection = kafkaOf(values);
  if (connection === null) return everything;
  const group = await joinGroup({
    ...connection,
    groupId: `${project}.speed-layer`,
    topics,
    sessionTimeoutMs: SESSION_MS,
    heartbeatMs: HEARTBEAT_MS,
    logger,
  });
  let mine = new Set<string>();
  const following = (async () => {
    for await (const assigned of group.assignments()) {
      mine = new Set(assigned.map(({ topic, partition }) => `${topic}/${partition}`));
      logger.info('partitions', { mine: [...mine].sort().join(' ') });
    }
  })();
  const failed = following.then(() => never);
  failed.catch(() => undefined);
  return {
    owns: (topic, partition) => mine.has(`${topic}/${partition}`),
    failed,
    leave: () => group.leave(),
  };
}
