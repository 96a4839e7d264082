import path from 'node:path';
import { parseArgs } from 'node:util';
import { ServicesError } from './errors.ts';
import { type ServiceName, runtimes } from './runtimes.ts';

export interface ServiceOptions {
  /** Nodes to run; undefined takes what the data folder was made for, else one. */
  readonly nodes: number | undefined;
  /** The first node's port; undefined takes what the data folder was made for, else the usual one. */
  readonly port: number | undefined;
  /** Java heap of each node, in MB; undefined is what suits the number of nodes. */
  readonly heapMegabytes: number | undefined;
}

export interface Options {
  readonly verb: 'up' | 'down' | 'status';
  readonly services: readonly ServiceName[];
  /** Is Spark asked for? It is no server: it is only fetched, and only when it is named. */
  readonly spark: boolean;
  /** Settings and data. */
  readonly folder: string;
  /** What was fetched; the same for all data folders. */
  readonly artefacts: string;
  readonly kafka: ServiceOptions & {
    /** Where clients are told to come, when not to the broker's own port; undefined: they are told its own. */
    readonly advertisedPort: number | undefined;
  };
  readonly cassandra: ServiceOptions & {
    /** When a write is acknowledged: `batch`, once the commit log is on the disk (E5); `periodic`, before that. */
    readonly commitLog: 'batch' | 'periodic';
  };
  /** TLS and passwords for whoever comes from outside; undefined takes what the data folder was made for, else none. */
  readonly secured: boolean | undefined;
  readonly nice: number;
  /** How long a server may take to become healthy. */
  readonly patienceMs: number;
  /** The process that needs the services; they may be stopped when it is gone. */
  readonly user: number | undefined;
  readonly wipe: boolean;
  readonly json: boolean;
}

export const usage = `npm run services -- up | down | status [kafka] [cassandra] [spark]
  spark                  up: fetches it for the batch engine (Java 17, Python, pip), and says how it is named
  --brokers N            Kafka brokers, 1 or 3
  --nodes N              Cassandra nodes, 1 or 3
  --kafka-port P         the first broker's port (9092); the others follow, controllers are at P + 1000
  --cassandra-port P     the nodes' CQL port (9042); storage at P - 2042, JMX at P - 1843
  --kafka-advertise P    the port that clients are told to come to, for a proxy before the one broker
  --kafka-heap MB        of each broker (320; 256 when there are three)
  --cassandra-heap MB    of each node (1024; 512 when there are three)
  --cassandra-commitlog  batch: what is acknowledged is on the disk (the default); periodic: it will be in 10 s
  --data FOLDER          settings and data (TWOFOLD_SERVICES_DATA, .cache/services); what was fetched is kept in
                         TWOFOLD_SERVICES_ARTEFACTS, .cache/services/artefacts
  --secured              TLS, and a password that is asked for: what is needed is told by --json. One node only; Kafka
                         is then reached so at P + 500
  --nice N               how far the servers stand back for others, 0 to 19 (TWOFOLD_SERVICES_NICE, 5)
  --patience SECONDS     how long a server may take to become healthy (240)
  --for PID              up: who needs them; down: stops them when nobody else does
  --wipe                 down: removes the data, not the artefacts
  --json                 closes with one line of JSON
A Kafka or Cassandra that is there already is used instead: TWOFOLD_KAFKA_BROKERS, TWOFOLD_CASSANDRA_CONTACT_POINTS.`;

const valued = [
  ...['brokers', 'nodes', 'kafka-port', 'kafka-advertise', 'cassandra-port', 'kafka-heap', 'cassandra-heap'],
  ...['cassandra-commitlog'],
  ...['data', 'nice'],
];

/** @throws ServicesError for a flag or verb that is not known */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv, root: string): Options {
  const { values, positionals } = parse(args);
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const number = (name: string, from: number, to: number, otherwise?: string): number | undefined => {
    const value = text(name) ?? otherwise;
    if (value === undefined || value === '') return undefined;
    const found = Number(value);
    if (Number.isInteger(found) && found >= from && found <= to) return found;
    throw new ServicesError(`--${name} takes a whole number from ${from} to ${to}, not "${value}"`);
  };
  const [verb = '', ...names] = positionals;
  if (verb !== 'up' && verb !== 'down' && verb !== 'status') throw new ServicesError(usage);
  const known = Object.keys(runtimes).filter((name): name is ServiceName => name in runtimes);
  const unknown = names.find((name) => name !== 'spark' && !known.some((each) => each === name));
  if (unknown !== undefined) throw new ServicesError(`There is no service "${unknown}".\n${usage}`);
  return {
    verb,
    spark: names.includes('spark'),
    services: names.length === 0 ? known : known.filter((name) => names.includes(name)),
    folder: path.resolve(root, text('data') ?? env['TWOFOLD_SERVICES_DATA'] ?? '.cache/services'),
    artefacts: path.resolve(root, env['TWOFOLD_SERVICES_ARTEFACTS'] ?? '.cache/services/artefacts'),
    kafka: {
      nodes: number('brokers', 1, 3),
      port: number('kafka-port', 1_024, 64_000),
      heapMegabytes: number('kafka-heap', 128, 65_536),
      advertisedPort: number('kafka-advertise', 1, 65_535),
    },
    cassandra: {
      nodes: number('nodes', 1, 3),
      port: number('cassandra-port', 3_072, 65_000),
      heapMegabytes: number('cassandra-heap', 256, 65_536),
      commitLog: commitLogOf(text('cassandra-commitlog')),
    },
    secured: values['secured'] === true ? true : undefined,
    nice: number('nice', 0, 19, env['TWOFOLD_SERVICES_NICE']) ?? 5,
    patienceMs: (number('patience', 1, 3_600) ?? 240) * 1_000,
    user: number('for', 1, 4_194_304),
    wipe: values['wipe'] === true,
    json: values['json'] === true,
  };
}

function commitLogOf(text = 'batch'): 'batch' | 'periodic' {
  if (text === 'batch' || text === 'periodic') return text;
  throw new ServicesError(`--cassandra-commitlog takes batch or periodic, not "${text}"`);
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...Object.fromEntries([...valued, 'patience', 'for'].map((name) => [name, { type: 'string' as const }])),
        secured: { type: 'boolean' },
        wipe: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new ServicesError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}
