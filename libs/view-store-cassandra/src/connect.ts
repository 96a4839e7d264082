import { StoreError } from '@twofold/view-store';
import { Client, policies } from 'cassandra-driver';
import { defaultRequestTimeoutMs, type CassandraSettings } from './settings.ts';

/** A node that is up again is used again at most so much later; the driver's own pauses grow to ten minutes. */
const reconnectMsMin = 250;
const reconnectMsMax = 2_000;
/** A node that has not answered by then may hang. */
const besideMs = 1_000;
const usualPort = 9_042;

/**
 * A client that is connected, without a keyspace.
 * @throws STORE_UNAVAILABLE when no node answers or the credentials are refused, and the driver's own errors.
 */
export async function connect(settings: CassandraSettings): Promise<Client> {
  checkSettings(settings);
  const client = new Client({
    contactPoints: [...settings.contactPoints],
    localDataCenter: settings.localDataCenter,
    ...(settings.credentials === undefined ? {} : { credentials: { ...settings.credentials } }),
    // The driver would take any certificate.
    ...(settings.tls === undefined ? {} : { sslOptions: { rejectUnauthorized: true, ...settings.tls } }),
    encoding: { useBigIntAsLong: true, useUndefinedAsUnset: false, copyBuffer: true },
    socketOptions: { readTimeout: settings.requestTimeoutMs ?? defaultRequestTimeoutMs },
    // The driver would wait for nodes that are down; `changeSchema` waits for those that are up.
    protocolOptions: { maxSchemaAgreementWaitSeconds: 0, port: portOf(settings.contactPoints) },
    policies: {
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(reconnectMsMin, reconnectMsMax, false),
      // A node that hangs still looks like one that is up: what may be sent twice goes to another one beside it.
      speculativeExecution: new policies.speculativeExecution.ConstantSpeculativeExecutionPolicy(besideMs, 2),
      // Only what does no harm when it is done twice is sent to another node after a failure.
      retry: new policies.retry.IdempotenceAwareRetryPolicy(new policies.retry.RetryPolicy()),
    },
    // A statement is prepared once on each node that it is sent to.
    queryOptions: { prepare: true, captureStackTrace: false },
    monitorReporting: { enabled: false },
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.shutdown();
    throw error;
  }
}

/** Nodes tell each other's addresses and no ports: all are reached where the first contact point is. */
function portOf([first = '']: readonly string[]): number {
  return Number(/^(?:\[.*\]|[^:]*):(\d+)$/.exec(first)?.[1] ?? usualPort);
}

/** A keyspace is the one identifier in CQL that comes from outside; it can not be a bound parameter. */
function checkSettings({ keyspace, replication, contactPoints }: CassandraSettings): void {
  const problem =
    contactPoints.length === 0
      ? 'contactPoints is empty; name at least one node as host or host:port'
      : !/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)
        ? `the keyspace ${JSON.stringify(keyspace)} has to begin with a small letter, followed by at most 47 small letters, digits and _`
        : replicationProblem(replication);
  if (problem !== null) throw new StoreError('STORE_UNAVAILABLE', `the Cassandra settings can not be used: ${problem}`);
}

function replicationProblem(replication: Readonly<Record<string, number>>): string | null {
  const entries = Object.entries(replication);
  if (entries.length === 0)
    return 'replication names no data centre; give copies by data centre, as { datacenter1: 3 }';
  const bad = entries.find(
    ([name, copies]) => !/^[A-Za-z0-9_.-]{1,100}$/.test(name) || !Number.isInteger(copies) || copies < 1 || copies > 99,
  );
  return bad === undefined ? null : `replication of ${JSON.stringify(bad[0])} has to be a whole number from 1 to 99`;
}
