import type { Clock, Ids } from '@twofold/service';
import type { StoreError, ViewStore } from '@twofold/view-store';
import type { Client } from 'cassandra-driver';
import { cassandraControl } from './cassandra-control.ts';
import { eraseLater } from './cassandra-erasure.ts';
import { openingFailure } from './cassandra-failure.ts';
import { cassandraJobs } from './cassandra-jobs.ts';
import { cassandraLedger } from './cassandra-ledger.ts';
import { cassandraParts } from './cassandra-parts.ts';
import { cassandraProgress } from './cassandra-progress.ts';
import { cassandraRuns } from './cassandra-runs.ts';
import { cassandraSpeedRows } from './cassandra-speed-rows.ts';
import { connect } from './connect.ts';
import { keepControlConnection } from './keep-control-connection.ts';
import { migrate } from './migrations/migrate.ts';
import { Session } from './session.ts';
import { defaultRequestsInFlight, type CassandraSettings } from './settings.ts';
import { unprovedSpeedRows } from './speed-blocks.ts';
import { incarnationOf, register, unregister } from './store-registry.ts';

export interface CassandraStoreOptions {
  readonly settings: CassandraSettings;
  readonly project: string;
  readonly ids: Ids;
  readonly clock: Clock;
  /**
   * Told of each WRITE_CONFLICT. With it every write of a row or a chunk is preceded by a read of what is there, which
   * costs about as much again; without it equal offsets are not compared.
   */
  readonly onConflict?: (error: StoreError) => void;
}

/**
 * A handle on the project's store in a Cassandra keyspace, which is made or brought to the newest format first. What
 * was acknowledged is on a quorum of the local data centre's replicas.
 * @throws STORE_UNAVAILABLE, STORE_FORMAT_UNKNOWN
 */
export async function openCassandraStore(options: CassandraStoreOptions): Promise<ViewStore> {
  const { settings, project, ids, clock, onConflict } = options;
  return withClient(settings, async (client) => {
    keepControlConnection(client, clock);
    await migrate(client, settings, { clock, ids });
    const { keyspace } = settings;
    const incarnation = await register(client, keyspace, { project, fresh: ids.next(), now: clock.now() });
    const requestsInFlight = settings.requestsInFlight ?? defaultRequestsInFlight;
    const session = new Session(client, { project, incarnation, keyspace, requestsInFlight });
    const report = onConflict ?? null;
    const { control, readUnproved: readControl } = cassandraControl(session);
    const { progress, readUnproved: readProgress } = cassandraProgress(session);
    return {
      incarnation,
      speedRows: cassandraSpeedRows(session, report),
      progress,
      ledger: cassandraLedger(session),
      parts: cassandraParts(session, report),
      control,
      runs: cassandraRuns(session),
      jobs: cassandraJobs(session),
      unproved: { control: readControl, progress: readProgress, speedRows: unprovedSpeedRows(session) },
      erase: () => session.run(() => eraseLater(session, clock)),
      close: () => session.close(),
    };
  });
}

/**
 * Gives a store up (E5): every handle's calls fail with STORE_GONE from now on, and the next one that opens it begins
 * an empty one. To be called also after a restored backup, whose rows are older than what was acknowledged since.
 * The rows stay, unseen, until the keyspace is dropped.
 */
export async function destroyCassandraStore(of: {
  readonly settings: CassandraSettings;
  readonly project: string;
}): Promise<void> {
  await withClient(of.settings, async (client) => {
    const { project, settings } = of;
    await unregister(client, settings.keyspace, project, await incarnationOf(client, settings.keyspace, project));
    await client.shutdown();
  });
}

/** Ends the client when `use` fails: what was opened halfway must not keep the process alive. */
async function withClient<T>(settings: CassandraSettings, use: (client: Client) => Promise<T>): Promise<T> {
  try {
    const client = await connect(settings);
    try {
      return await use(client);
    } catch (error) {
      await client.shutdown();
      throw error;
    }
  } catch (error) {
    throw openingFailure(error);
  }
}
