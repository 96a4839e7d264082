import { isTwofoldError } from '@twofold/schemas';
import type { Condition, CorrectionPlan } from '@twofold/corrections';
import { applied, correctionsOn, IN_THE_WAY, planChecked, someRows } from './corrector.ts';
import { letGo, putBack } from './services.ts';
import type { Machine, World } from './world.ts';

/**
 * Corrections of corrections, while nobody else changes anything: rows come, one of them goes again; of two plans on one
 * base the second is refused; and what is corrected away is hit no more (E20).
 */
export async function correctAtRest(world: World, { batch, clock, process }: Machine): Promise<void> {
  const { random, observer, coverage } = world;
  const { signal } = process.stop;
  const { stream } = random.pick(world.correctable);
  const corrections = correctionsOn(world, batch, signal);
  const plan = (kind: 'add' | 'retract', rows: readonly Uint8Array[] | null, where: Condition | null) =>
    planChecked(world, corrections, { stream, kind, rows, where, everything: true }, signal);
  const apply = async (made: CorrectionPlan): Promise<void> => {
    const { release } = await applied(world, corrections, made, options(made), signal);
    if (release !== null) coverage.correctionsPromoted++;
  };
  const refusalOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
      return 'nothing';
    } catch (error) {
      if (isTwofoldError(error)) return String(error.code);
      throw error;
    }
  };
  try {
    await letGo({ batch, clock, signal });
    const rows = someRows(world, 2);
    await apply(await plan('add', rows, null));
    const [row] = rows;
    const { id } = JSON.parse(new TextDecoder().decode(row)) as { readonly id: string };
    const key: Condition = { field: 'key', is: 'equals', value: `k${random.int(0, 4)}` };
    const [first, second] = [
      await plan('retract', null, { field: 'id', is: 'equals', value: id }),
      await plan('retract', null, key),
    ];
    await apply(first);
    const told = await refusalOf(corrections.apply(second.id, options(second), signal));
    if (told !== 'PLAN_CHANGED' && !IN_THE_WAY.has(told))
      observer.fail('E20', `plan ${second.id} was made on another base, and applying it is refused with ${told}`);
    await apply(await plan('retract', null, key));
    const again = await refusalOf(plan('retract', null, key));
    if (again !== 'NOTHING_MATCHES') observer.fail('E20', `what is corrected away is planned again: ${again}`);
    coverage.correctedAtRest++;
  } catch (error) {
    // A gate, or nothing of that key: others show it.
    if (!isTwofoldError(error) || !IN_THE_WAY.has(String(error.code))) throw error;
  }
  // Whatever is kept may be put back, at the same cut or an older one.
  const kept = (observer.row?.releases ?? []).filter(({ id: release }) => release !== observer.row?.live);
  if (kept.length === 0) return;
  await putBack(world, random.pick(kept).id, batch, signal);
  await letGo({ batch, clock, signal });
}

function options({ fingerprint }: CorrectionPlan) {
  return { fingerprint, gates: [], preview: false };
}
