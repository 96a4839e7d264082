import type { AppendRecord } from '@twofold/event-log';
import { changeFields } from '@twofold/schemas';
import { land } from './change-services.ts';
import type { PendingRows } from './row-redactor.ts';
import type { World } from './world.ts';

/** What an operator gave to the log at once. */
export interface Appended {
  readonly topic: string;
  readonly records: readonly AppendRecord[];
}

/** Late appends of a history: a log has eight in a row, with nothing new between them, at the most (decision 0033). */
const MOST_LATE = 4;

/** What a replaced operator has in hand comes so long after the plan, at most. */
const LATE_MS = 1_500;

/** Somebody who made changes of these rows stands still since before the plan, and goes on while it is applied, or later. */
export function repeatSome(world: World, { items, plan, derived }: PendingRows): void {
  const { random, coverage, rows } = world;
  if (derived === null || coverage.erasedRepeated >= MOST_LATE || !random.chance(0.7)) return;
  const theirs = rows.appended.filter(({ records }) =>
    records.some(({ value, partition = 0 }) => {
      const change = JSON.parse(new TextDecoder().decode(value ?? undefined)) as Record<string, unknown>;
      return items.has(String(change['item'])) && Number(change[changeFields.offset]) < (plan.cut[partition] ?? 0);
    }),
  );
  if (theirs.length === 0) return;
  coverage.erasedRepeated++;
  landLate(world, random.pick(theirs), random.int(0, LATE_MS));
}

/**
 * One who had looked, before they were in the log, which of these changes are missing, and has stood still since: what it
 * had in hand comes now. Nobody can keep it from coming (E26).
 */
function landLate(world: World, { topic, records }: Appended, delayMs: number): void {
  world.sending++;
  world.kernel.at(delayMs, 'a replaced operator goes on', () => {
    land(world, topic, records)
      .catch((error: unknown) => void world.observer.fail('UNEXPECTED', `a late append failed: ${String(error)}`))
      .finally(() => world.sending--);
  });
}
