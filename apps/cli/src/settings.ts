import {
  address,
  defineConfig,
  duration,
  integer,
  list,
  oneOf,
  option,
  optional,
  port,
  size,
  text,
  toggle,
  type LogLevel,
} from '@twofold/service';

/** Where the log and the store are: in the data folder, or on servers once those are named. */
const servers = {
  kafkaBrokers: optional(list(text()), {
    description: 'Kafka brokers, host:port; not set: the log is embedded.',
  }),
  kafkaReplicas: optional(integer({ min: 1, max: 32_767 }), {
    description: "Copies of a new topic's partitions; not set: as the broker has it.",
  }),
  kafkaTls: option(toggle(), { description: 'Speak TLS to Kafka.', default: false }),
  kafkaMechanism: option(oneOf('plain', 'scram-sha-256', 'scram-sha-512'), {
    description: 'How Kafka is told who we are.',
    default: 'scram-sha-512',
  }),
  kafkaUsername: optional(text(), { description: 'Who we are to Kafka; not set: nobody asks.' }),
  kafkaPassword: optional(text(), { description: 'Password of kafkaUsername.', secret: true }),
  cassandraContactPoints: optional(list(text()), {
    description: 'Cassandra nodes, host or host:port; not set: the store is embedded.',
  }),
  cassandraDataCenter: option(text(), {
    description: 'The Cassandra data centre that serves this process.',
    default: 'datacenter1',
  }),
  cassandraKeyspace: option(text(), { description: 'Keyspace; made when it is not there.', default: 'twofold' }),
  cassandraReplicas: option(integer({ min: 1, max: 99 }), {
    description: 'Copies of each row in the data centre, used once when the keyspace is made; 3 or more in production.',
    default: 1,
  }),
  cassandraTls: option(toggle(), { description: 'Speak TLS to Cassandra.', default: false }),
  cassandraUsername: optional(text(), { description: 'Who we are to Cassandra; not set: nobody asks.' }),
  cassandraPassword: optional(text(), { description: 'Password of cassandraUsername.', secret: true }),
  tlsAuthority: optional(text(), {
    description: "File of the authority (PEM) that signed the servers' certificates; not set: the system's.",
  }),
  archiveFolder: optional(text(), {
    description: 'Folder of the archive, one for all processes of a project; not set: in the data folder.',
  }),
} as const;

/** Every setting of `twofold dev`, of the services and of the commands that look at what they do. */
export const settings = defineConfig({
  dataFolder: option(text(), {
    description: 'Folder of the embedded log, archive and store.',
    default: '.twofold/data',
  }),
  ...servers,
  host: option(text(), { description: 'Address that the API listens on.', default: '127.0.0.1' }),
  port: option(port(), { description: 'Port of the API; 0 takes a free one.', default: 4000 }),
  healthPort: option(port(), {
    description: 'Port on which a speed or batch layer of its own tells its health; 0 takes a free one.',
    default: 0,
  }),
  partitions: option(integer({ min: 1, max: 1024 }), { description: 'Partitions of a new topic.', default: 2 }),
  flushEvery: optional(duration({ min: 10, max: 60_000 }), {
    description:
      'How often the speed layer writes what has changed: fresher answers, or fewer writes; not set: 50ms, 90ms on Cassandra.',
  }),
  archiveEvery: option(duration(), { description: 'How often the archive follows the log.', default: 5_000 }),
  schedule: option(text(), {
    description: 'Cron expression, UTC, of views that declare no schedule.',
    default: '* * * * *',
  }),
  batchNice: option(integer({ min: 0, max: 19 }), {
    description:
      'How far a batch layer of its own steps back where the speed layer and the API run on the same processors: 0 not at all, 19 most.',
    default: 10,
  }),
  engine: option<'duckdb' | 'spark'>(oneOf('duckdb', 'spark'), {
    description: 'What recomputes views from the archive; the partials are the same.',
    default: 'duckdb',
  }),
  engineThreads: option(integer({ min: 1, max: 256 }), { description: 'Threads of the batch engine.', default: 2 }),
  engineMemory: option(size(), {
    description: 'Memory limit of the batch engine; beyond it, it spills to disk.',
    default: 2 * 2 ** 30,
  }),
  sparkMaster: optional(text(), {
    description: 'Cluster that Spark runs on, such as spark://host:7077 or yarn; not set: this machine.',
  }),
  sparkHome: optional(text(), {
    description: 'Folder of Spark: a distribution, or where pip has put pyspark; not set: as the Python finds it.',
  }),
  sparkPython: option(text(), { description: "The Python that runs Spark's driver.", default: 'python3' }),
  sparkFolder: optional(text(), {
    description:
      "Folder of Spark's results; with a cluster, one that all of its machines have; not set: in the data folder.",
  }),
  webhookUrl: optional(address(), { description: 'Alarms are posted here; not set: they are only in the log.' }),
  cursorSecret: optional(text(), {
    description: 'Key that page cursors are signed with; not set: a new one at each start.',
    secret: true,
  }),
  operatorToken: optional(text(), {
    description:
      'Who shows it to the API may plan and apply corrections, roll back and ask schedules; not set: nobody may.',
    secret: true,
  }),
  logLevel: option<LogLevel>(oneOf('debug', 'info', 'warn', 'error'), {
    description: 'Least level of log lines.',
    default: 'info',
  }),
});

export type CliSettings = ReturnType<typeof settings.read>['values'];
