import { expect, test } from 'vitest';
import {
  correct,
  counts,
  rebuilt,
  refusalOf,
  request,
  rows,
  S1_IN_MINUTES_10_TO_20,
  start,
  total,
} from './correcting.ts';
import { contentOf, event, liveEntry, never, START } from './sample.ts';

test('what matches is replaced by itself with fields set: each stays one event, in its place', async () => {
  const { world, layer } = await start(300);
  const before = await counts(world);
  const { plan, result } = await correct(
    layer,
    request('replace', S1_IN_MINUTES_10_TO_20, { set: ['value = value * 2 + 0.5'] }),
  );
  expect(plan.rows?.count).toBe(plan.targets?.count);
  expect(plan.asked).toMatch(/set value = value \* 2 \+ 0.5$/);
  expect(await counts(world)).toEqual(before);
  const sums = result.diff?.views[0]?.movers.map(({ before: old, after }) => [
    Number(old?.['readings']),
    Number(old?.['total']),
    Number(after?.['total']),
  ]);
  expect(sums?.length).toBeGreaterThan(3);
  for (const [many = 0, old = 0, now = 0] of sums ?? []) expect(now).toBeCloseTo(2 * old + many / 2, 6);
  expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
  // What was replaced can be replaced again: its rows are events like any other.
  const again = await correct(
    layer,
    request('replace', S1_IN_MINUTES_10_TO_20, { set: ['value = 1.5'], idempotencyKey: 'again' }),
  );
  expect(again.plan.targets?.count).toBe(plan.targets?.count);
  expect(total(await counts(world))).toBe(total(before));
  expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
});

test('what can not be set is refused, and nothing changes', async () => {
  const { world, layer } = await start(120);
  const { build } = await liveEntry(world.store);
  const plan = (set: string[], more: object = {}): Promise<string> =>
    refusalOf(layer.corrections.plan(request('replace', S1_IN_MINUTES_10_TO_20, { set, ...more }), never));
  expect(await plan(['value = 5000'])).toBe('ROWS_INVALID');
  expect(await plan(['value = null'])).toBe('ROWS_INVALID');
  expect(await plan(["sensor = 's2'"])).toBe('CONDITION_INVALID');
  expect(await plan(['value = heat'])).toBe('CONDITION_INVALID');
  expect(await plan([])).toBe('CORRECTION_INVALID');
  expect(await plan(['value = 1'], { kind: 'retract' })).toBe('CORRECTION_INVALID');
  expect(await plan(['value = 1'], { rows: rows(event('s1', START, 1)) })).toBe('CORRECTION_INVALID');
  expect(await plan(['value = 1'], { selection: request('replace', {}).selection })).toBe('CORRECTION_INVALID');
  expect((await liveEntry(world.store)).build).toBe(build);
});

test('a plan says what building it will read and write, and that is what is then measured', async () => {
  const { layer } = await start(300);
  const { plan, result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
  const [effect] = plan.effects;
  expect(effect?.recordsToRead).toBe(result.facts['recordsRead']);
  const { rowsRemoved = NaN } = result.diff?.views[0] ?? {};
  expect((effect?.rowsToWrite ?? NaN) - rowsRemoved).toBe(result.facts['rowsWritten']);
});

test('rows whose id an event has already are refused when only new ones are meant', async () => {
  const { layer } = await start(120);
  const known = rows(event('s1', START + 7_001, 1), event('s9', START, 1));
  const { plan } = await correct(layer, request('add', {}, { rows: known, newOnly: true }));
  expect(plan.collisions).toEqual([]);
  const again = request('add', {}, { rows: rows(event('s9', START, 2)), newOnly: true, idempotencyKey: 'again' });
  expect(await refusalOf(layer.corrections.plan(again, never))).toBe('ROWS_INVALID');
});
