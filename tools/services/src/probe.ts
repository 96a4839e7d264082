import { readAccess } from './access.ts';
import { cassandraHealth } from './cassandra-probe.ts';
import type { Cluster, ClusterNode } from './cluster.ts';
import { kafkaBrokers } from './kafka-probe.ts';

/** Undefined when the node is well and knows all the others; else what is amiss. */
export async function complaintOf(cluster: Cluster, node: ClusterNode, others: number): Promise<string | undefined> {
  try {
    const known =
      cluster.service === 'kafka'
        ? (await kafkaBrokers(node.host, node.port)) - 1
        : (await cassandraHealth(node.host, node.port, cluster.secured ? await readAccess(node.folder) : null)).peers;
    return known >= others ? undefined : `it knows ${known} of ${others} other nodes`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
