import { recordsBetween } from '@twofold/archive';
import { createDecoder } from '@twofold/schemas';
import { expect, test } from 'vitest';
import { EffectCounter } from '../src/corrections/effect-counter.ts';
import { MAX_TARGETS, TargetFinder } from '../src/corrections/find-targets.ts';
import { correct, counts, rebuilt, request, rows, S1_IN_MINUTES_10_TO_20, start, total, where } from './correcting.ts';
import { contentOf, event, events, liveEntry, never, perSensor, readings, START, TOPIC } from './sample.ts';

const CANARY = 'canary';
const agreed = { approver: 'bob', reason: 'ticket 12', idempotencyKey: 'k' };
const note = (idempotencyKey: string) => ({ ...request('restate', {}), idempotencyKey });

test('E20: a plan to take back shows how many come and go, which, and where, as many as the answers then show', async () => {
  const { world, layer } = await start(300);
  const revert = async (id: string, key: string) => {
    const plan = await layer.corrections.planRevert(id, note(key), never);
    const before = total(await counts(world));
    await layer.corrections.apply(plan.id, { fingerprint: plan.fingerprint, gates: [], preview: false }, never);
    const { comes = 0, goes = 0 } = plan.takesBack ?? {};
    expect(total(await counts(world)) - before).toBe(comes - goes);
    return plan;
  };
  const first = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
  const hit = first.plan.targets?.count ?? 0;
  const back = await revert(first.result.correction, 'r1');
  expect(back).toMatchObject({ targets: null, rows: null, takesBack: { comes: hit, goes: 0, erased: 0 }, sample: [] });
  expect(back.sampleAdded).toEqual(first.plan.sample);
  expect(back.effects.map(({ keys, panes }) => [keys, panes])).toEqual(
    first.plan.effects.map(({ keys, panes }) => [keys, panes]),
  );
  const [inverse] = (await liveEntry(world.store)).corrections.slice(-1);
  const forth = await revert(inverse ?? '', 'r2');
  expect(forth).toMatchObject({ takesBack: { comes: 0, goes: hit }, sample: first.plan.sample, sampleAdded: [] });
  // Rows that came go, and what they took the place of comes; what was taken out of them since does not go once more.
  const eventTime = { from: START, to: START + 180_000 };
  const set = { set: ['value = 1.5'] };
  const replaced = await correct(layer, request('replace', { ...where("sensor = 's2'"), eventTime }, set));
  await correct(layer, request('retract', { offsets: { from: 0, to: 1 } }, { source: replaced.result.correction }));
  const many = replaced.plan.targets?.count ?? 0;
  const undone = await revert(replaced.result.correction, 'r3');
  expect(undone.takesBack).toEqual({ comes: many, goes: many - 1, erased: 0 });
  expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
});

test('E20: a plan shows the first of the rows that it adds, as they will be', async () => {
  const { layer } = await start(200);
  const added = await layer.corrections.plan(request('add', {}, { rows: rows(event('s8', START, 3)) }), never);
  expect(added.sampleAdded).toEqual([
    {
      source: null,
      offset: 0,
      eventTime: START,
      fields: { sensor: 's8', at: '2026-01-01T00:00:00.000Z', value: 3 },
    },
  ]);
  const { sample, sampleAdded } = await layer.corrections.plan(
    request('replace', S1_IN_MINUTES_10_TO_20, { set: ['value = 1.5'] }),
    never,
  );
  expect(sample[0]?.fields['value']).not.toBe(1.5);
  expect(sampleAdded?.map(({ fields }) => fields)).toEqual(sample.map(({ fields }) => ({ ...fields, value: 1.5 })));
  const stored = await layer.corrections.planOf(added.id);
  expect(stored.sampleAdded).toEqual(added.sampleAdded);
});

test('E21: what was erased since is not taken back: refused where that is all, told where it is some', async () => {
  const { world, layer } = await start(100);
  await world.log.append(TOPIC, [event(CANARY, START, 1), event('s9', START, 2)]);
  await layer.recompute([perSensor], never);
  const lone = await correct(layer, request('retract', where(`sensor = '${CANARY}'`)));
  const both = await correct(
    layer,
    request('add', {}, { rows: rows(event(CANARY, START + 1, 1), event('s9', START + 1, 2)) }),
  );
  const gone = await correct(layer, request('retract', where("sensor = 's9'")));
  await correct(layer, request('redact', where(`sensor = '${CANARY}'`), agreed));
  const refused = layer.corrections.planRevert(lone.result.correction, note('r1'), never);
  await expect(refused).rejects.toMatchObject({
    code: 'NOT_REVERTIBLE',
    message: expect.stringMatching(/All 1 events .* were erased/) as unknown,
  });
  const some = await layer.corrections.planRevert(both.result.correction, note('r2'), never);
  expect(some).toMatchObject({ takesBack: { comes: 0, goes: 0, erased: 1 } });
  const none = await layer.corrections.planRevert(gone.result.correction, note('r3'), never);
  expect(none).toMatchObject({ takesBack: { comes: 2, goes: 0, erased: 0 } });
  expect(JSON.stringify([some, none])).not.toContain(CANARY);
});

test('what is restated is counted without a bound, since no position of it is kept', () => {
  const made = events(400, 5);
  const of = { partition: 0, offsets: made.map((_, i) => i), logTimes: made.map(() => START) };
  const batch = recordsBetween({ ...of, keys: made.map(() => null), values: made.map(({ value }) => value) }, 0, 400);
  const columns = createDecoder(readings).decode(batch);
  const finder = new TargetFinder(readings, new EffectCounter([]), false);
  const some = { source: 0, file: {} as never, columns };
  while (finder.count <= MAX_TARGETS) finder.take(some, () => true);
  expect(finder.targets()).toEqual([]);
  expect(finder.sample).toHaveLength(10);
  const kept = new TargetFinder(readings, new EffectCounter([]));
  expect(() => {
    for (;;) kept.take(some, () => true);
  }).toThrow(/More than 1000000 events match/);
});
