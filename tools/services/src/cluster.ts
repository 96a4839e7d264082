import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServicesError } from './errors.ts';
import type { Options } from './options.ts';
import { type ServiceName, runtimes } from './runtimes.ts';

/** What a data folder was made for; written once, since neither server can be given other nodes by a restart. */
export interface Cluster {
  readonly service: ServiceName;
  readonly version: string;
  readonly nodes: readonly ClusterNode[];
  /** Does it want TLS and a password of whoever comes from outside? */
  readonly secured: boolean;
}

export interface ClusterNode {
  /** From 1 on. */
  readonly id: number;
  readonly folder: string;
  readonly host: string;
  readonly port: number;
}

interface Written {
  readonly version: string;
  readonly nodes: number;
  readonly port: number;
  readonly secured: boolean;
}

const usualPort = { kafka: 9092, cassandra: 9042 } as const;
const clusterFile = 'cluster.json';

export function serviceFolder(options: Options, service: ServiceName): string {
  return path.join(options.folder, service);
}

/** Null when no cluster was ever made in the folder. */
export async function existingCluster(options: Options, service: ServiceName): Promise<Cluster | null> {
  const folder = serviceFolder(options, service);
  const text = await readFile(path.join(folder, clusterFile), 'utf8').catch(() => null);
  if (text === null) return null;
  return expand(service, folder, parseWritten(text));
}

/**
 * The cluster of the data folder, made when there is none.
 * @throws ServicesError when the folder was made for another number of nodes, port or version
 */
export async function ensureCluster(options: Options, service: ServiceName): Promise<Cluster> {
  const wanted = options[service];
  const { version } = runtimes[service];
  const found = await existingCluster(options, service);
  if (found === null) {
    const made = {
      version,
      nodes: wanted.nodes ?? 1,
      port: wanted.port ?? usualPort[service],
      secured: options.secured ?? false,
    };
    if (made.nodes === 2) throw new ServicesError(`${service} runs as one node or as three`);
    if (made.secured && made.nodes !== 1) throw new ServicesError('a secured cluster is one node');
    const folder = serviceFolder(options, service);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, clusterFile), `${JSON.stringify(made)}\n`);
    return expand(service, folder, made);
  }
  const first = found.nodes[0];
  const differs =
    found.version !== version
      ? `version ${found.version}, and ${version} is wanted`
      : wanted.nodes !== undefined && wanted.nodes !== found.nodes.length
        ? `${found.nodes.length} nodes, and ${wanted.nodes} are wanted`
        : wanted.port !== undefined && wanted.port !== first?.port
          ? `port ${first?.port ?? 0}, and ${wanted.port} is wanted`
          : options.secured === true && !found.secured
            ? 'everybody, and a secured one is wanted'
            : undefined;
  if (differs === undefined) return found;
  throw new ServicesError(
    `The ${service} in ${options.folder} was made for ${differs}. Take another folder by --data, or remove this ` +
      `one's data by "down ${service} --wipe".`,
  );
}

function parseWritten(text: string): Written {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'version' in value && 'nodes' in value && 'port' in value) {
    const { version, nodes, port } = value;
    const secured = 'secured' in value && value.secured === true;
    if (typeof version === 'string' && typeof nodes === 'number' && typeof port === 'number') {
      return { version, nodes, port, secured };
    }
  }
  throw new ServicesError(`${clusterFile} can not be read: ${text}`);
}

/** Brokers share a host and take ports in turn; Cassandra's nodes share the ports and take addresses in turn. */
function expand(service: ServiceName, folder: string, { version, nodes, port, secured }: Written): Cluster {
  return {
    service,
    version,
    secured,
    nodes: Array.from({ length: nodes }, (_, index) => ({
      id: index + 1,
      folder: path.join(folder, `node-${index + 1}`),
      host: service === 'kafka' ? '127.0.0.1' : `127.0.0.${index + 1}`,
      port: service === 'kafka' ? port + index : port,
    })),
  };
}
