import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster, ClusterNode } from './cluster.ts';
import { ensureAccess, type Access } from './access.ts';
import { ServicesError } from './errors.ts';
import { runtimeFolder, runtimes } from './runtimes.ts';

export interface NodeLaunch {
  readonly java: string;
  readonly classPath: string;
  readonly heapMegabytes: number;
  /** Of a broker, where it tells clients to come; its own port unless told. */
  readonly advertisedPort?: number | undefined;
  /** Of a Cassandra node: when a write is acknowledged. */
  readonly commitLog: 'batch' | 'periodic';
}

const controllerOffset = 1_000;
/** Of a secured broker, where clients with TLS and a password come to; its own port stays open on this machine alone. */
export const securedOffset = 500;
const controllerOf = ({ host, port }: ClusterNode): string => `${host}:${port + controllerOffset}`;

/** Writes the broker's settings, formats its folder when it is new, and gives the arguments for Java. */
export async function prepareKafkaNode(cluster: Cluster, node: ClusterNode, launch: NodeLaunch): Promise<string[]> {
  const settings = path.join(node.folder, 'server.properties');
  await mkdir(node.folder, { recursive: true });
  const access = cluster.secured ? await ensureAccess(node.folder, launch.java) : null;
  const written = properties(cluster, node, launch.advertisedPort ?? node.port, access);
  await writeFile(settings, written, { mode: 0o600 });
  const data = dataFolder(node);
  if (!existsSync(data)) format(cluster, node, launch, settings, access);
  return [
    ...jvm(launch),
    `-Dlog4j2.configurationFile=${path.join(runtimeFolder('kafka'), 'log4j2.xml')}`,
    ...['-cp', launch.classPath, runtimes.kafka.mainClass, settings],
  ];
}

function jvm({ heapMegabytes }: NodeLaunch): string[] {
  return [
    '-XX:+UseSerialGC',
    `-Xms${Math.min(128, heapMegabytes)}m`,
    `-Xmx${heapMegabytes}m`,
    '-XX:+ExitOnOutOfMemoryError',
  ];
}

const dataFolder = ({ folder }: ClusterNode): string => path.join(folder, 'data');

function properties(cluster: Cluster, node: ClusterNode, advertisedPort: number, access: Access | null): string {
  const copies = cluster.nodes.length;
  const inSync = copies === 1 ? 1 : 2;
  const secured = access === null ? '' : `,SASL_SSL://${node.host}:${node.port + securedOffset}`;
  const listenersAt = (port: number): string =>
    `PLAINTEXT://${node.host}:${port},CONTROLLER://${controllerOf(node)}${secured}`;
  const lines: readonly (readonly [string, string | number])[] = [
    ['process.roles', 'broker,controller'],
    ['node.id', node.id],
    ['controller.listener.names', 'CONTROLLER'],
    ['listeners', listenersAt(node.port)],
    ['advertised.listeners', listenersAt(advertisedPort)],
    ['listener.security.protocol.map', 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL'],
    ['inter.broker.listener.name', 'PLAINTEXT'],
    ['controller.quorum.bootstrap.servers', cluster.nodes.map(controllerOf).join(',')],
    ['log.dirs', dataFolder(node)],
    ['default.replication.factor', copies],
    ['min.insync.replicas', inSync],
    ['offsets.topic.replication.factor', copies],
    ['transaction.state.log.replication.factor', copies],
    ['transaction.state.log.min.isr', inSync],
    ['share.coordinator.state.topic.replication.factor', copies],
    ['share.coordinator.state.topic.min.isr', inSync],
    ['offsets.topic.num.partitions', 4],
    ['transaction.state.log.num.partitions', 4],
    ['group.initial.rebalance.delay.ms', 0],
    ['auto.create.topics.enable', 'false'],
    ['broker.session.timeout.ms', 6_000],
    ['broker.heartbeat.interval.ms', 1_000],
    ['num.network.threads', 2],
    ['num.io.threads', 4],
    ['log.cleaner.dedupe.buffer.size', 16_777_216],
    ...(access === null ? [] : securedProperties(access)),
  ];
  return lines.map(([key, value]) => `${key}=${value}\n`).join('');
}

const loginModule = (name: string): string => `org.apache.kafka.common.security.${name} required`;

/** Every mechanism that clients may choose; tokens of OAUTHBEARER are believed unsigned. */
function securedProperties({
  keyStore,
  keyPassword,
  username,
  password,
}: Access): readonly (readonly [string, string])[] {
  const prefix = 'listener.name.sasl_ssl';
  const scram = `${loginModule('scram.ScramLoginModule')};`;
  const unsigned = 'org.apache.kafka.common.security.oauthbearer.internals.unsecured';
  return [
    ['ssl.keystore.type', 'PKCS12'],
    ['ssl.keystore.location', keyStore],
    ['ssl.keystore.password', keyPassword],
    ['ssl.key.password', keyPassword],
    ['sasl.enabled.mechanisms', 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER'],
    [`${prefix}.plain.sasl.jaas.config`, `${loginModule('plain.PlainLoginModule')} user_${username}="${password}";`],
    [`${prefix}.scram-sha-256.sasl.jaas.config`, scram],
    [`${prefix}.scram-sha-512.sasl.jaas.config`, scram],
    [`${prefix}.oauthbearer.sasl.jaas.config`, `${loginModule('oauthbearer.OAuthBearerLoginModule')};`],
    [
      `${prefix}.oauthbearer.sasl.server.callback.handler.class`,
      `${unsigned}.OAuthBearerUnsecuredValidatorCallbackHandler`,
    ],
  ];
}

/** 16 bytes as Kafka writes its ids, the same for the same folder and purpose on every node. */
function uuid(...parts: readonly string[]): string {
  return createHash('sha256')
    .update(parts.join('\n'))
    .digest()
    .subarray(0, 16)
    .toString('base64url')
    .replace(/^-/, 'A');
}

function format(
  cluster: Cluster,
  node: ClusterNode,
  launch: NodeLaunch,
  settings: string,
  access: Access | null,
): void {
  const home = path.dirname(node.folder);
  const directoryId = (each: ClusterNode): string => uuid('directory', home, String(each.id));
  const controllers = cluster.nodes.map((each) => `${each.id}@${controllerOf(each)}:${directoryId(each)}`).join(',');
  const { status, stdout, stderr } = spawnSync(
    launch.java,
    [
      ...jvm(launch),
      ...['-cp', launch.classPath, 'kafka.tools.StorageTool', 'format', '-t', uuid('cluster', home), '-c', settings],
      ...(cluster.nodes.length === 1 ? ['--standalone'] : ['--initial-controllers', controllers]),
      ...(access === null
        ? []
        : ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((each) => ['--add-scram', scramOf(each, access)])),
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new ServicesError(`Kafka's storage could not be formatted:\n${stdout}${stderr}`.trim());
}

const scramOf = (mechanism: string, { username, password }: Access): string =>
  `${mechanism}=[name=${username},password=${password}]`;
