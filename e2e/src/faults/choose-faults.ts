import { dataFaults } from './data-faults.ts';
import type { Fault, Ground } from './ground.ts';
import { serverFaults } from './server-faults.ts';
import { serviceFaults } from './service-faults.ts';

/** Every kind of fault there is. */
export const allFaults: readonly Fault[] = [...serviceFaults, ...serverFaults, ...dataFaults];

/** Every kind once, in an order of the seed's, then by weight; those that can not strike here are named and left out. */
export function chooseFaults(ground: Ground, count: number, say: (line: string) => void): Fault[] {
  const { random } = ground;
  const possible = allFaults.filter((fault) => {
    const missing = fault.missing?.(ground) ?? null;
    if (missing !== null) say(`SKIPPED: ${fault.kind}: ${missing}`);
    return missing === null;
  });
  const chosen = possible
    .map((fault) => ({ fault, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ fault }) => fault)
    .slice(0, count);
  while (chosen.length < count) {
    const open = possible.filter(({ weight, kind, atMost = Infinity }) => {
      return weight > 0 && chosen.filter((each) => each.kind === kind).length < atMost;
    });
    let left = random.next() * open.reduce((sum, { weight }) => sum + weight, 0);
    const next = open.find(({ weight }) => (left -= weight) < 0) ?? open[0];
    if (next === undefined) break;
    chosen.push(next);
  }
  return chosen;
}
