import { fill, Plant, T0 } from './plant.ts';

/** A plant with a release whose cut lies inside a slice of partition 0, and 50 folded events a partition. */
export async function promotedPlant(): Promise<Plant> {
  const plant = new Plant();
  fill(plant, 60);
  await plant.register();
  const times = { lastLogTime: T0, caughtUpAt: T0 };
  await plant.foldBase(0, 50, { times });
  await plant.foldBase(1, 50, { times });
  await plant.promote([22, 16], 'r1');
  await plant.foldRemainder(0, 22, 24);
  return plant;
}
