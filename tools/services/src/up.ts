import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accessPath } from './access.ts';
import { prepareCassandraNode } from './cassandra-node.ts';
import { type Cluster, type ClusterNode, ensureCluster, serviceFolder } from './cluster.ts';
import { ServicesError } from './errors.ts';
import { javaFor } from './find-java.ts';
import { checkExternal, externalAddress } from './external.ts';
import { installRuntime } from './install-runtime.ts';
import { prepareKafkaNode, securedOffset } from './kafka-node.ts';
import { lastLines, launch, livePid } from './node-process.ts';
import type { Options } from './options.ts';
import { complaintOf } from './probe.ts';
import { type ServiceName, runtimes } from './runtimes.ts';
import { addUser } from './users.ts';

export interface RunningService {
  readonly service: ServiceName;
  /** Addresses as TWOFOLD_KAFKA_BROKERS and TWOFOLD_CASSANDRA_CONTACT_POINTS take them. */
  readonly address: string;
  readonly version: string;
  /** Null for a service that somebody else runs. */
  readonly pids: readonly number[] | null;
  /** Of a secured one: file with username, password and the authority's file; whoever may read it may come in. */
  readonly access?: string;
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Starts what is not there, waits until it is healthy, and leaves alone what is. */
export async function startService(
  service: ServiceName,
  options: Options,
  { env, say }: Surroundings,
): Promise<RunningService> {
  const external = externalAddress(service, env);
  if (external !== null) {
    const found = await checkExternal(service, external);
    say(`${service}: using ${external} (${found})`);
    return { service, address: external, version: found, pids: null };
  }
  const cluster = await ensureCluster(options, service);
  const started: ClusterNode[] = [];
  for (const node of cluster.nodes) {
    if ((await livePid(node.folder)) !== null) continue;
    await startNode(cluster, node, options, { env, say });
    started.push(node);
    // A Cassandra node joins a ring that is well; brokers need each other to be well.
    if (service === 'cassandra') await untilHealthy(cluster, node, node.id - 1, options.patienceMs);
  }
  for (const node of cluster.nodes) await untilHealthy(cluster, node, cluster.nodes.length - 1, options.patienceMs);
  await addUser(serviceFolder(options, service), options.user);
  const offset = cluster.secured && service === 'kafka' ? securedOffset : 0;
  const address = cluster.nodes.map(({ host, port }) => `${host}:${port + offset}`).join(',');
  const pids = (await Promise.all(cluster.nodes.map(({ folder }) => livePid(folder)))).filter((pid) => pid !== null);
  const how = started.length === 0 ? 'was up already' : 'is up';
  say(`${service} ${cluster.version} ${how} at ${address} (pid ${pids.join(', ')})`);
  const found = { service, address, version: cluster.version, pids };
  const [first] = cluster.nodes;
  return cluster.secured && first !== undefined ? { ...found, access: accessPath(first.folder) } : found;
}

/** Starts one node of a cluster and gives its pid; it is not healthy yet. */
export async function startNode(
  cluster: Cluster,
  node: ClusterNode,
  options: Options,
  { env, say }: Surroundings,
): Promise<number> {
  const runtime = runtimes[cluster.service];
  const java = javaFor(runtime, env);
  const artefacts = path.join(options.artefacts, `${runtime.name}-${runtime.version}`);
  const classPath = await installRuntime(runtime, artefacts, env, say);
  await refuseTakenPort(cluster, node);
  const heapMegabytes = options[cluster.service].heapMegabytes ?? usualHeap(cluster);
  const prepare = cluster.service === 'kafka' ? prepareKafkaNode : prepareCassandraNode;
  const { advertisedPort } = options.kafka;
  const { commitLog } = options.cassandra;
  const args = await prepare(cluster, node, {
    java: java.command,
    classPath,
    heapMegabytes,
    advertisedPort,
    commitLog,
  });
  say(
    `${cluster.service} ${runtime.version}: starting node ${node.id}, Java ${java.release}, ${heapMegabytes} MB heap`,
  );
  return launch(node.folder, { command: java.command, args, nice: options.nice });
}

function usualHeap({ service, nodes }: Cluster): number {
  const [alone, oneOfSeveral] = service === 'kafka' ? [320, 256] : [1_024, 512];
  return nodes.length === 1 ? alone : oneOfSeveral;
}

/** A listener that is not the node's own would be taken for a healthy node. */
async function refuseTakenPort({ service }: Cluster, { host, port }: ClusterNode): Promise<void> {
  const error = await new Promise<Error | null>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(null);
      });
    });
  });
  if (error === null) return;
  throw new ServicesError(
    `${service} can not listen at ${host}:${port} (${error.message}). Take another port by --${service}-port with ` +
      'another --data, or name the service that is there by the environment (see --help).',
  );
}

/** @throws ServicesError with the end of the node's log when it ends, or is not well in time */
export async function untilHealthy(
  cluster: Cluster,
  node: ClusterNode,
  others: number,
  patienceMs: number,
): Promise<void> {
  const until = performance.now() + patienceMs;
  const name = `${cluster.service} node ${node.id}`;
  for (;;) {
    const complaint = await complaintOf(cluster, node, others);
    if (complaint === undefined) return;
    const late = performance.now() > until;
    if (late || (await livePid(node.folder)) === null) {
      const what = late ? `is not healthy after ${patienceMs / 1_000} s: ${complaint}` : 'ended while it was starting';
      throw new ServicesError(
        `${name} ${what}. The end of ${node.folder}/log.txt:\n${await lastLines(node.folder, 20)}`,
      );
    }
    await sleep(250);
  }
}
