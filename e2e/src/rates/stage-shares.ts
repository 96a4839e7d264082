import { readFileSync } from 'node:fs';

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
  ['folding and encoding rows', ['/libs/views/', '/apps/speed-layer/']],
  ['writing to Cassandra', ['/libs/view-store-cassandra/', '/cassandra-driver/', '/libs/view-store/']],
];

/**
 * How much of a profile's busy time each stage took, in words. What the runtime does for a stage, such as copying a buffer,
 * counts as the stage's.
 */
export function stageShares(file: string): string {
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
