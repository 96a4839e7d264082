import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureAccess, type Access } from './access.ts';
import type { Cluster, ClusterNode } from './cluster.ts';
import type { NodeLaunch } from './kafka-node.ts';
import { runtimeFolder, runtimes } from './runtimes.ts';

const storagePort = ({ port }: ClusterNode): number => port - 2_042;
/** JMX listens on one address for all nodes, so each needs a port of its own. */
export const jmxPort = ({ port, id }: ClusterNode): number => port - 1_843 + id - 1;

/** Whom a new node that asks for passwords lets in. */
const firstUser = { username: 'cassandra', password: 'cassandra' };

/** Writes the node's settings and gives the arguments for Java. */
export async function prepareCassandraNode(cluster: Cluster, node: ClusterNode, launch: NodeLaunch): Promise<string[]> {
  const data = path.join(node.folder, 'data');
  const settings = path.join(node.folder, 'cassandra.yaml');
  await mkdir(data, { recursive: true });
  const access = cluster.secured ? await ensureAccess(node.folder, launch.java, firstUser) : null;
  const written = yaml(cluster, node, launch) + (access === null ? '' : securedYaml(access));
  await writeFile(settings, written, { mode: 0o600 });
  const runtime = runtimeFolder('cassandra');
  const jamm = launch.classPath.split(path.delimiter).find((each) => path.basename(each).startsWith('jamm-'));
  return [
    `@${path.join(runtime, 'jvm17.options')}`,
    `-javaagent:${jamm ?? 'jamm'}`,
    ...['-XX:+UseSerialGC', `-Xms${launch.heapMegabytes}m`, `-Xmx${launch.heapMegabytes}m`, '-Xss512k'],
    `-Xlog:gc:file=${path.join(node.folder, 'gc.log')}:time,uptime:filecount=2,filesize=4M`,
    ...['-XX:+ExitOnOutOfMemoryError', '-XX:+PerfDisableSharedMem', '-Djava.net.preferIPv4Stack=true'],
    `-Dcassandra.storagedir=${data}`,
    `-Dcassandra.config=file://${settings}`,
    '-Dcassandra-foreground=yes',
    `-Dcassandra.jmx.local.port=${jmxPort(node)}`,
    ...['-Dcassandra.skip_wait_for_gossip_to_settle=0', '-Dcassandra.ring_delay_ms=2000'],
    '-Dcassandra.superuser_setup_delay_ms=0',
    `-Dlogback.configurationFile=${path.join(runtime, 'logback.xml')}`,
    ...['-cp', launch.classPath, runtimes.cassandra.mainClass],
  ];
}

function yaml(cluster: Cluster, node: ClusterNode, { heapMegabytes, commitLog }: NodeLaunch): string {
  const seed = cluster.nodes[0] ?? node;
  return `cluster_name: twofold
num_tokens: ${cluster.nodes.length === 1 ? 1 : 4}
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "${seed.host}:${storagePort(seed)}" }]
listen_address: ${node.host}
rpc_address: ${node.host}
storage_port: ${storagePort(node)}
native_transport_port: ${node.port}
start_native_transport: true
# Acknowledged is durable (E5) with batch.
commitlog_sync: ${commitLog}
${commitLog === 'periodic' ? 'commitlog_sync_period: 10s\n' : ''}commitlog_segment_size: 16MiB
commitlog_total_space: 256MiB
disk_failure_policy: stop
commit_failure_policy: stop
concurrent_reads: 16
concurrent_writes: 32
memtable_heap_space: ${Math.floor(heapMegabytes / 4)}MiB
memtable_offheap_space: ${Math.floor(heapMegabytes / 4)}MiB
# What is written again and again would else fill the old generation, whose collection stops the node for half a second.
memtable_allocation_type: offheap_objects
key_cache_size: 16MiB
file_cache_size: 32MiB
networking_cache_size: 32MiB
concurrent_compactors: 1
compaction_throughput: 64MiB/s
auto_snapshot: false
hinted_handoff_enabled: true
`;
}

function securedYaml({ keyStore, keyPassword }: Access): string {
  return `authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
role_manager: CassandraRoleManager
client_encryption_options:
  enabled: true
  optional: false
  keystore: ${keyStore}
  keystore_password: ${keyPassword}
  store_type: PKCS12
`;
}
