import type { ToldRestatement } from '@twofold/corrections';
import { BatchLayer } from '../src/batch-layer.ts';
import type { BatchProject } from '../src/ports.ts';
import { readRestatements } from '../src/review/read-restatements.ts';
import { restatementTopic, tellRestatements } from '../src/review/tell-restatements.ts';
import { event, events, never, perSensor, project, START, surroundings, TOPIC, type World } from './sample.ts';

/** A project that has been built once, and who follows its feed. */
export async function built(
  of: Partial<BatchProject> = {},
  many = 300,
): Promise<{ world: World; layer: BatchLayer; told: () => Promise<ToldRestatement[]>; tell: () => Promise<number> }> {
  const world = surroundings(5);
  await world.log.ensureTopic(TOPIC, { partitions: 2 });
  await world.log.append(TOPIC, events(many, 5));
  const mine = { ...project(), ...of };
  const topic = restatementTopic(mine);
  await world.log.ensureTopic(topic, { partitions: 1 });
  const layer = new BatchLayer(mine, world.ports);
  await layer.recompute([perSensor], never);
  const told = async (): Promise<ToldRestatement[]> => {
    const [range] = await world.log.partitions(topic);
    const found: ToldRestatement[] = [];
    for await (const each of readRestatements(topic, world.log, { from: 0, to: range?.end ?? 0 }, never))
      found.push(each.told);
    return found;
  };
  return { world, layer, told, tell: () => tellRestatements(mine, { ...world.ports, events: world.log }, never) };
}

/** So many of one sensor, in a window that was complete long before. */
export const late = (many: number) => Array.from({ length: many }, (_, i) => event('s1', START + 610_000 + i, 900));
