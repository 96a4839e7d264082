import type { Rate } from './rate.ts';

/** Does something again and again, so many at once; CPU is this process's. `work` gives how many units it did. */
export async function repeat(
  { inFlight, seconds }: { readonly inFlight: number; readonly seconds: number },
  work: () => Promise<number>,
): Promise<Pick<Rate, 'units' | 'wallSeconds' | 'cpuSeconds'>> {
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let units = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - begun < seconds * 1_000) units += await work();
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  const { user, system } = process.cpuUsage(cpu);
  return { units, wallSeconds: (performance.now() - begun) / 1_000, cpuSeconds: (user + system) / 1e6 };
}
