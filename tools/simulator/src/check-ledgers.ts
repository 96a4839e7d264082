import { expectedLedger } from '@twofold/oracle';
import type { Machine, World } from './world.ts';

/** X5: both layers count every position once, as the oracle does. */
export async function checkLedgers(world: World, { store, archive }: Machine): Promise<void> {
  for (const { stream } of world.model.topics) {
    const partitions = world.truth.partitions.get(stream.name) ?? [];
    const wanted = expectedLedger(
      stream,
      partitions.flatMap((p) => p.classified),
      partitions.map((p) => p.origin),
      partitions.map((p) => p.end),
    );
    const state = await archive.head(stream.name);
    for (const partition of partitions.keys()) {
      const lines = await store.ledger.read(stream.name, partition, 0, Infinity);
      const expected = wanted.filter((line) => line.partition === partition);
      same(world, `speed ledger of ${stream.name}/${partition}`, expected, lines);
      const archived = { applied: 0, duplicate: 0, rejected: 0, control: 0 };
      const counted = { ...archived };
      for (const file of state.files) if (file.partition === partition) addCounts(archived, file.counts);
      for (const line of expected) addCounts(counted, line);
      same(world, `archive counts of ${stream.name}/${partition}`, counted, archived);
    }
  }
}

interface Counts {
  applied: number;
  duplicate: number;
  rejected: number;
  control: number;
}

function addCounts(sum: Counts, more: Readonly<Counts>): void {
  sum.applied += more.applied;
  sum.duplicate += more.duplicate;
  sum.rejected += more.rejected;
  sum.control += more.control;
}

function same(world: World, what: string, expected: unknown, found: unknown): void {
  const [a, b] = [canonical(expected), canonical(found)];
  if (a !== b) world.observer.fail('X5', `${what}: is ${b} and should be ${a}`);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
