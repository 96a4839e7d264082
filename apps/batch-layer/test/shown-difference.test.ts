import { TwofoldError } from '@twofold/schemas';
import { expect, test } from 'vitest';
import { request, S1_IN_MINUTES_10_TO_20, start } from './correcting.ts';
import { control, event, never, perSensor, START, TOPIC } from './sample.ts';

async function previewed() {
  const { world, layer } = await start(300);
  const plan = await layer.corrections.plan(request('retract', S1_IN_MINUTES_10_TO_20), never);
  const asked = { fingerprint: plan.fingerprint, gates: [] };
  const { diff } = await layer.corrections.apply(plan.id, { ...asked, preview: true }, never);
  const apply = (shown: string | undefined) =>
    layer.corrections.apply(plan.id, { ...asked, preview: false, shown: shown ?? '' }, never);
  return { world, layer, plan, apply, shown: diff?.id };
}

async function refused(work: Promise<unknown>): Promise<TwofoldError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TwofoldError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

test('E0, E20: when late data have changed what a correction changes, its difference is shown again and nothing promoted', async () => {
  const { world, layer, apply, shown } = await previewed();
  // The preview has taken out every event of some minutes; now these have others as well.
  await world.log.append(
    TOPIC,
    Array.from({ length: 9 }, (_, minute) => event('s1', START + (11 + minute) * 60_000 + 1, 5)),
  );
  await layer.recompute([perSensor], never);
  const before = await control(world.store);
  const { code, facts, message } = await refused(apply(shown));
  expect(code).toBe('PLAN_CHANGED');
  const again = String(facts?.['diff']);
  expect(message).toContain(`--shown ${again}`);
  expect((await control(world.store)).releases).toEqual(before.releases);
  const diff = await layer.corrections.diffOf(again);
  expect(diff).toMatchObject({ id: again, release: null });
  expect(diff?.views[0]?.rowsChanged).toBeGreaterThan(0);
  // What has been looked at now is what is promoted.
  const { release, diff: promoted } = await apply(again);
  expect(release).not.toBeNull();
  expect(promoted?.views[0]).toEqual(diff?.views[0]);
});

test('E0, E20: data elsewhere do not put off what was shown', async () => {
  const { world, layer, apply, shown } = await previewed();
  await world.log.append(TOPIC, [event('s2', START + 90 * 60_000, 5)]);
  await layer.recompute([perSensor], never);
  expect((await apply(shown)).release).not.toBeNull();
});

test('a difference of another plan, or one that is not kept, is not what was shown', async () => {
  const { layer, apply, shown } = await previewed();
  expect((await refused(apply('01AAAAAAAAAAAAAAAAAAAAAAAA'))).code).toBe('PLAN_CHANGED');
  const other = await layer.corrections.plan(
    request('retract', { ...S1_IN_MINUTES_10_TO_20, partition: null, ids: null }, { idempotencyKey: 'k' }),
    never,
  );
  const options = { fingerprint: other.fingerprint, gates: [], preview: false, shown: shown ?? '' };
  expect((await refused(layer.corrections.apply(other.id, options, never))).code).toBe('PLAN_CHANGED');
});
