import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { until } from '../until.ts';

/** What of a processor's profile is needed here; the inspector writes more. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Stages by the folders that their code lies in; the first that fits. */
const STAGES: readonly (readonly [stage: string, folders: readonly string[]])[] = [
  ['reading Kafka', ['/libs/event-log-kafka/', '/kafkajs/', '/libs/event-log/src/archived-log', '/lz4', '/snappy']],
  ['decoding and classes', ['/libs/schemas/', '/libs/event-log/']],
  ['folding, merging and windows', ['/libs/views/', '/apps/speed-layer/']],
  ['Cassandra', ['/libs/view-store-cassandra/', '/cassandra-driver/', '/libs/view-store/']],
  ['GraphQL and answers', ['/apps/serving-api/', '/graphql', '/@graphql', '/@whatwg-node/', '/@envelop/']],
];

const PROFILE_BETWEEN = pathToFileURL(path.join(import.meta.dirname, 'profile-between.mjs')).href;

/** The environment of a process that can be profiled into a file. */
export function profiledInto(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${PROFILE_BETWEEN}`, E2E_PROFILE: file };
}

/** Profiles such a process from now on; `end` gives the shares of its stages since. */
export function profileOf(pid: number, file: string): { readonly end: () => Promise<string> } {
  process.kill(pid, 'SIGUSR2');
  return {
    end: async () => {
      process.kill(pid, 'SIGUSR2');
      await until('the profile is written', () => existsSync(file));
      return stageShares(file);
    },
  };
}

/**
 * How much of a profile's busy time each stage took, in words. What the runtime does for a stage, such as copying a buffer,
 * counts as the stage's.
 */
function stageShares(file: string): string {
  // The inspector wrote it.
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stageOf = (id: number | undefined): string => {
    const node = id === undefined ? undefined : byId.get(id);
    if (node === undefined) return 'the runtime';
    const { functionName, url } = node.callFrame;
    if (functionName === '(garbage collector)') return 'garbage collection';
    if (functionName === '(idle)') return 'idle';
    return (
      STAGES.find(([, folders]) => folders.some((folder) => url.includes(folder)))?.[0] ?? stageOf(parents.get(id ?? 0))
    );
  };
  const stages = new Map(nodes.map(({ id }) => [id, stageOf(id)]));
  const spent = new Map<string, number>();
  for (const [i, sample] of samples.entries()) {
    const stage = stages.get(sample) ?? 'the runtime';
    spent.set(stage, (spent.get(stage) ?? 0) + (timeDeltas[i] ?? 0));
  }
  spent.delete('idle');
  const busy = [...spent.values()].reduce((sum, each) => sum + each, 0);
  return [...spent]
    .sort(([, a], [, b]) => b - a)
    .map(([stage, micros]) => `${stage} ${((100 * micros) / busy).toFixed(0)} %`)
    .join(', ');
}
