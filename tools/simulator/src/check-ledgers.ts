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
    const erased = erasedPositions(world, stream.name);
    for (const partition of partitions.keys()) {
      const lines = await store.ledger.read(stream.name, partition, 0, Infinity);
      const expected = wanted.filter((line) => line.partition === partition);
      const here = erased.filter((each) => each.partition === partition);
      // A slice that is counted anew after a redaction counts what was erased as control.
      const line = (each: (typeof expected)[number]) =>
        here.some(({ offset }) => offset - (offset % stream.sliceSize) === each.slice) ? silent(each) : each;
      same(world, `speed ledger of ${stream.name}/${partition}`, expected.map(line), lines.map(line));
      const archived = { applied: 0, duplicate: 0, rejected: 0, control: 0 };
      const counted = { ...archived };
      for (const file of state.files) if (file.partition === partition) addCounts(archived, file.counts);
      for (const line of expected) addCounts(counted, line);
      for (const { class: of } of here) {
        counted[of]--;
        counted.control++;
      }
      same(world, `archive counts of ${stream.name}/${partition}`, counted, archived);
    }
  }
}

/** Positions of the log that redactions in effect have erased, with the class that each had. */
function erasedPositions({ truth }: World, stream: string) {
  const ids = truth.corrected.erasing(stream).finished;
  const all = ids.flatMap((id) => truth.corrected.listOf(stream, [id]).flatMap(({ drops }) => drops));
  return all.flatMap(({ source, offset }) => {
    const found = truth.partitions.get(stream)?.[source]?.positions.get(offset);
    return found === undefined ? [] : [{ partition: source, offset, class: found.class }];
  });
}

/** How much it covers, without what of which class. */
function silent<T extends Counts>(line: T): T {
  const { applied, duplicate, rejected, control } = line;
  return { ...line, applied: applied + duplicate + rejected + control, duplicate: 0, rejected: 0, control: 0 };
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
