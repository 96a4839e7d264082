import { archivedEnd } from '@twofold/archive';
import { caughtUp, type WritablePlatform } from '@twofold/cli';
import { rigHours } from '../rig-hours.ts';
import type { ServerProject } from '../server-project.ts';
import { until } from '../until.ts';

/** A stream of the plant beside the one that faults are about. */
export const OTHER_STREAM = 'rig-readings';
const PATIENCE_MS = 120_000;

/**
 * What is sent to the other stream is archived, folded and answered as ever, whatever keeps the first one from it (E7).
 * @returns what did not hold, in words
 */
export async function otherGoesOn(plant: ServerProject, platform: WritablePlatform): Promise<string[]> {
  const topic = platform.topics.find(({ stream }) => stream.name === OTHER_STREAM);
  if (topic === undefined) throw new Error(`the plant has no stream ${OTHER_STREAM}`);
  const encoder = new TextEncoder();
  const records = rigHours()
    .trimEnd()
    .split('\n')
    .map((line) => ({ key: encoder.encode(/TS\d/.exec(line)?.[0]), value: encoder.encode(line) }));
  await platform.events.append(topic.topic, records);
  const violations: string[] = [];
  const isArchived = async (): Promise<boolean> => {
    const state = await platform.archive.head(OTHER_STREAM);
    const ranges = await platform.events.partitions(topic.topic);
    return ranges.every(({ partition, end }) => archivedEnd(state, partition) === end);
  };
  await until('it is archived', isArchived, { patienceMs: PATIENCE_MS }).catch(() =>
    violations.push(`${OTHER_STREAM} is not archived while another stream stands still`),
  );
  await caughtUp(plant.project, { ...platform, topics: [topic] }, AbortSignal.timeout(PATIENCE_MS)).catch(() =>
    violations.push(`${OTHER_STREAM} is not answered while another stream stands still`),
  );
  const { applied, views } = await plant.compare(platform, OTHER_STREAM);
  if (applied !== records.length) violations.push(`${applied} of ${records.length} events of ${OTHER_STREAM} count`);
  for (const { view, difference } of views) if (difference !== null) violations.push(`${view}: ${difference}`);
  return violations;
}
