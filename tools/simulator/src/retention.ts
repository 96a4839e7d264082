import { floorTo } from '@twofold/releases';
import type { Topic } from './model.ts';
import type { World } from './world.ts';

/** The log lets go of records that are archived: never, now and then somewhere, or of all of them at once (E7). */
export function retainLog(world: World, topic: Topic): void {
  const { random, kernel, observer } = world;
  const mood = random.pick(['KEPT', 'NOW_AND_THEN', 'NOW_AND_THEN', 'AT_ONCE'] as const);
  if (mood === 'KEPT') return;
  const everyMs = (): number => (mood === 'AT_ONCE' ? random.int(30, 200) : random.int(200, 900));
  const look = (): void => {
    shorten(world, topic, mood === 'AT_ONCE').catch((error: unknown) => observer.fail('UNEXPECTED', String(error)));
    kernel.at(everyMs(), `${topic.topic} is shortened`, look);
  };
  kernel.at(everyMs(), `${topic.topic} is shortened`, look);
}

async function shorten(world: World, { stream, topic }: Topic, whole: boolean): Promise<void> {
  const { random, log, truth, coverage } = world;
  const head = await world.archived(stream.name);
  for (const [partition, archived] of head.ends.entries()) {
    if (!whole && random.chance(0.5)) continue;
    const below = whole ? archived : random.int(0, archived);
    await log.trim(topic, partition, below);
    world.repeats.trimmed(stream.name, partition, below);
    coverage.logTrims++;
    const open = floorTo(truth.partition(stream.name, partition).end, stream.sliceSize);
    if (open < below) coverage.openSlicesTrimmed++;
  }
}
