import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaConnection } from '@twofold/event-log-kafka';
import type { CassandraSettings } from '@twofold/view-store-cassandra';
import { CliError } from './errors.ts';
import type { CliSettings } from './settings.ts';

/** Null when the log is embedded. @throws WRONG_USAGE */
export function kafkaOf(values: CliSettings): KafkaConnection | null {
  const { kafkaBrokers: brokers, kafkaUsername, kafkaPassword, kafkaMechanism: mechanism } = values;
  if (brokers === null) return null;
  const user = credentials('kafka', kafkaUsername, kafkaPassword);
  return {
    brokers,
    ...(values.kafkaTls ? { tls: tlsOf(values) ?? true } : {}),
    ...(user === null ? {} : { sasl: { mechanism, ...user } }),
  };
}

/** Null when the store is embedded. @throws WRONG_USAGE */
export function cassandraOf(values: CliSettings): CassandraSettings | null {
  const { cassandraContactPoints: contactPoints, cassandraDataCenter: localDataCenter } = values;
  if (contactPoints === null) return null;
  const user = credentials('cassandra', values.cassandraUsername, values.cassandraPassword);
  return {
    contactPoints,
    localDataCenter,
    keyspace: values.cassandraKeyspace,
    replication: { [localDataCenter]: values.cassandraReplicas },
    ...(user === null ? {} : { credentials: user }),
    ...(values.cassandraTls ? { tls: tlsOf(values) ?? {} } : {}),
  };
}

function credentials(server: 'kafka' | 'cassandra', username: string | null, password: string | null) {
  if (username === null && password === null) return null;
  if (username !== null && password !== null) return { username, password };
  const [given, missing] = username === null ? ['Password', 'Username'] : ['Username', 'Password'];
  throw new CliError(
    'WRONG_USAGE',
    `${server}${given} is set and ${server}${missing} is not: set both, by TWOFOLD_${server.toUpperCase()}_USERNAME and TWOFOLD_${server.toUpperCase()}_PASSWORD, or none`,
  );
}

function tlsOf({ tlsAuthority }: CliSettings): ConnectionOptions | null {
  if (tlsAuthority === null) return null;
  try {
    return { ca: readFileSync(tlsAuthority, 'utf8') };
  } catch (error) {
    throw new CliError('WRONG_USAGE', `tlsAuthority names ${tlsAuthority}, which can not be read; name a PEM file`, {
      cause: error,
    });
  }
}
