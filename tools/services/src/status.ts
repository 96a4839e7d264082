import { existingCluster } from './cluster.ts';
import { checkExternal, externalAddress } from './external.ts';
import { livePid } from './node-process.ts';
import type { Options } from './options.ts';
import { complaintOf } from './probe.ts';
import type { ServiceName } from './runtimes.ts';

export interface ServiceStatus {
  readonly service: ServiceName;
  readonly healthy: boolean;
  readonly nodes: readonly { readonly address: string; readonly pid: number | null; readonly state: string }[];
}

/** What there is, asked and not remembered. */
export async function statusOf(service: ServiceName, options: Options, env: NodeJS.ProcessEnv): Promise<ServiceStatus> {
  const external = externalAddress(service, env);
  if (external !== null) {
    const found = await checkExternal(service, external).then(
      (state) => ({ state, healthy: true }),
      (error: unknown) => ({ state: error instanceof Error ? error.message : String(error), healthy: false }),
    );
    return { service, healthy: found.healthy, nodes: [{ address: external, pid: null, state: found.state }] };
  }
  const cluster = await existingCluster(options, service);
  if (cluster === null) return { service, healthy: false, nodes: [] };
  const nodes = await Promise.all(
    cluster.nodes.map(async (node) => {
      const pid = await livePid(node.folder);
      const complaint = pid === null ? 'not running' : await complaintOf(cluster, node, cluster.nodes.length - 1);
      const state = complaint ?? `healthy, ${service} ${cluster.version}`;
      return { address: `${node.host}:${node.port}`, pid, state, healthy: complaint === undefined };
    }),
  );
  return { service, healthy: nodes.every((node) => node.healthy), nodes };
}
