import { createBlankLoader } from '@twofold/archive';
import type { ErasedPlace } from '@twofold/corrections';
import type { Stream } from '@twofold/schemas';
import { parseOperatorStateName } from '@twofold/view-store';
import { patiently } from '../../patiently.ts';
import type { BatchPorts } from '../../ports.ts';

/**
 * States of operators that were stored before a redaction of what they read: each may hold rows that it erases. An operator
 * that runs stores a new one, and removes what it finds of such states; one of a program that no longer runs is told by
 * its name alone. Gives how many went.
 */
export async function eraseStates(
  stated: Stream,
  made: readonly Stream[],
  { states, archive, clock }: BatchPorts,
  signal: AbortSignal,
): Promise<number> {
  if (states === undefined || made.length === 0) return 0;
  const blanksOf = createBlankLoader(archive);
  const blanks = await patiently(clock, async () => blanksOf(await archive.head(stated.name)), signal);
  let removed = 0;
  for (const { name } of made)
    for (const state of await patiently(clock, () => states.list(name), signal)) {
      const told = parseOperatorStateName(state);
      const partition = Number(state.split('/')[2]);
      if (told === null || told.redactions >= (blanks.get(partition)?.length ?? 0)) continue;
      await patiently(clock, () => states.remove(state), signal);
      removed++;
    }
  return removed;
}

/** What a certificate says of them. */
export function statePlaces(made: readonly Stream[], { states }: BatchPorts): ErasedPlace[] {
  return made.map(({ name }) => ({
    place: `operator of ${name}`,
    goneBy: states === undefined ? 'NEVER' : null,
    how:
      states === undefined
        ? 'nobody looked after its states'
        : 'its states from before were removed; it knows the rows by a keyed hash and their last revision, so that nothing older brings them back',
  }));
}
