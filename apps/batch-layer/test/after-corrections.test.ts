import { describe, expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { letGoOf, rollBackTo } from '../src/corrections/roll-back.ts';
import {
  start,
  request,
  where,
  correct,
  rebuilt,
  refusalOf,
  S1_IN_MINUTES_10_TO_20,
  counts,
  total,
  rows,
} from './correcting.ts';
import {
  contentOf,
  control,
  event,
  events,
  foldSpeed,
  liveEntry,
  never,
  perSensor,
  START,
  TOPIC,
  project,
} from './sample.ts';

describe('after a correction', () => {
  test('E20: scheduled runs keep its list, and events that match and come later count', async () => {
    const { world, layer } = await start(300);
    const { result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    const before = await counts(world);
    await world.log.append(TOPIC, [event('s1', START + 601_000, 7), event('s0', START + 602_000, 7)]);
    await layer.recompute([perSensor], never);
    const entry = await liveEntry(world.store);
    expect(entry.corrections).toEqual([result.correction]);
    const after = await counts(world);
    expect(after.get('s1 10')).toBe(1);
    expect(total(after)).toBe(total(before) + 2);
    expect(await contentOf(world.store, entry.build)).toEqual(await rebuilt(world));
  });

  test('E18: parity compares the layers without it, at every later run', async () => {
    const { world, layer } = await start(200);
    await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    await world.log.append(TOPIC, events(200, 9, START + 400_000));
    await foldSpeed(world);
    const run = await layer.recompute([perSensor], never);
    expect(run.facts['slicesCompared']).toBeGreaterThan(5);
    expect(run.release).not.toBeNull();
  });

  test('E20: its inverse brings everything back, and the inverse of that takes it out again', async () => {
    const { world, layer } = await start(300);
    const original = await contentOf(world.store, (await liveEntry(world.store)).build);
    const first = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    const without = await contentOf(world.store, (await liveEntry(world.store)).build);
    const note = (key: string) => ({ ...request('retract', {}), idempotencyKey: key });
    const revert = async (id: string, key: string) => {
      const plan = await layer.corrections.planRevert(id, note(key), never);
      return layer.corrections.apply(plan.id, { fingerprint: plan.fingerprint, gates: [], preview: false }, never);
    };
    const second = await revert(first.result.correction, 'r1');
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(original);
    expect((await liveEntry(world.store)).corrections).toEqual([first.result.correction, second.correction]);
    expect(await refusalOf(revert(first.result.correction, 'r2'))).toBe('NOT_IN_FORCE');
    await revert(second.correction, 'r3');
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(without);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
  });

  test('E17: a rollback takes its list back and holds the views; let go of, the next run keeps the older list', async () => {
    const { world, layer } = await start(300);
    const before = await liveEntry(world.store);
    const { plan, result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    const target = (await control(world.store)).releases.find(({ id }) => id === result.diff?.base);
    const back = await rollBackTo({ release: String(target?.number), views: null }, project(), world.ports, never);
    expect(back.steps).toMatchObject([{ view: 'perSensor', to: before.id }]);
    expect(await liveEntry(world.store)).toEqual(before);
    const [run] = await world.store.runs.list({ job: 'roll back', limit: 1 });
    expect(run?.facts).toEqual({ 'to release': String(target?.number), views: 'perSensor' });
    const again = await layer.corrections.plan(request('retract', where("sensor = 's2'")), never);
    const options = { fingerprint: again.fingerprint, gates: [], preview: false };
    expect(await refusalOf(layer.corrections.apply(again.id, options, never))).toBe('VIEW_HELD');
    expect(await letGoOf(null, world.ports, never)).toEqual(['perSensor']);
    await world.log.append(TOPIC, events(40, 9, START + 5_000_000));
    await layer.recompute([perSensor], never);
    expect((await liveEntry(world.store)).corrections).toEqual([]);
    // The same plan may be applied again: its base is in force again, and it is the same correction.
    const repeated = await layer.corrections.apply(
      plan.id,
      { fingerprint: plan.fingerprint, gates: [], preview: false },
      never,
    );
    expect(repeated.correction).toBe(result.correction);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
  });

  test('E20: data that come during plan and build are not in its share of the difference', async () => {
    const { world, layer } = await start(300);
    const plan = await layer.corrections.plan(request('retract', S1_IN_MINUTES_10_TO_20), never);
    // Late ones, into the very minutes that are corrected, of other sensors too.
    await world.log.append(TOPIC, [
      ...Array.from({ length: 20 }, (_, i) => event('s1', START + 610_000 + i, 900)),
      ...Array.from({ length: 20 }, (_, i) => event('s2', START + 620_000 + i, 900)),
    ]);
    const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
    const { diff } = await layer.corrections.apply(plan.id, options, never);
    const [view] = diff?.views ?? [];
    const counted = view?.movers.map(({ key, before, after }) => [
      key[0],
      Number(before?.['readings'] ?? 0) - Number(after?.['readings'] ?? 0),
    ]);
    expect(counted?.every(([key]) => key === 's1')).toBe(true);
    expect(counted?.reduce((sum, [, gone]) => sum + Number(gone), 0)).toBe(plan.targets?.count);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
  });

  test('E5: a store that is lost is made again with the corrections that were in force', async () => {
    const { world, layer } = await start(300);
    const { result } = await correct(layer, request('add', {}, { rows: rows(event('s9', START - 864_000_000, 4)) }));
    await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    const { corrections, build } = await liveEntry(world.store);
    const content = await contentOf(world.store, build);
    expect([corrections.length, corrections[0]]).toEqual([2, result.correction]);
    world.store.destroy();
    const store = world.store.open();
    await new BatchLayer(project(), { ...world.ports, store }).recompute([perSensor], never);
    const entry = await liveEntry(store);
    expect(entry.corrections).toEqual(corrections);
    expect(await contentOf(store, entry.build)).toEqual(content);
  });
});
