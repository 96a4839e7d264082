import { describe, expect, test } from 'vitest';
import { start, request, where, correct, rebuilt, S1_IN_MINUTES_10_TO_20, counts, total, rows } from './correcting.ts';
import { contentOf, event, liveEntry, never, perSensor, START, TOPIC } from './sample.ts';

describe('a correction', () => {
  test('E14, E19: takes events out at its promotion; only touched parts are made anew, equal to a full rebuild byte for byte', async () => {
    const { world, layer } = await start(900);
    const before = await liveEntry(world.store);
    const old = await contentOf(world.store, before.build);
    const countsBefore = await counts(world);
    const { plan, result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    expect(plan.targets?.count).toBeGreaterThan(5);
    expect(plan.sample[0]?.fields).toMatchObject({ sensor: 's1' });
    expect(plan.effects).toMatchObject([{ view: 'perSensor', keys: 1 }]);
    expect(result.release).not.toBeNull();
    const after = await liveEntry(world.store);
    expect(after).toMatchObject({ cut: before.cut, corrections: [result.correction], watermark: before.watermark });
    expect(await contentOf(world.store, after.build)).not.toEqual(old);
    expect(await contentOf(world.store, after.build)).toEqual(await rebuilt(world));
    const countsAfter = await counts(world);
    expect(total(countsBefore) - total(countsAfter)).toBe(plan.targets?.count);
    for (const [row, value] of countsBefore) {
      const [sensor, minute] = row.split(' ');
      const isHit = sensor === 's1' && Number(minute) >= 10 && Number(minute) < 20;
      expect([row, countsAfter.get(row) ?? 0]).toEqual([row, isHit ? 0 : value]);
    }
    const [diff] = result.diff?.views ?? [];
    expect(diff).toMatchObject({ view: 'perSensor', rowsAdded: 0, rowsChanged: 0 });
    expect(diff?.rowsRemoved).toBe(plan.effects[0]?.panes);
    expect(await layer.corrections.diffOf(result.release ?? '')).toEqual(result.diff);
  });

  test('E14: shares every part that it does not touch', async () => {
    const { world, layer } = await start(100);
    // Ten days apart: each event in a part of its own.
    await world.log.append(
      TOPIC,
      Array.from({ length: 6 }, (_, day) => event('s9', START + day * 864_000_000, day)),
    );
    await layer.recompute([perSensor], never);
    const before = (await world.store.parts.index((await liveEntry(world.store)).build ?? ''))?.parts ?? [];
    expect(before.length).toBeGreaterThan(5);
    const at = new Date(START + 3 * 864_000_000).toISOString();
    const { result } = await correct(layer, request('retract', { ids: [{ sensor: 's9', at }] }));
    expect(result.facts).toMatchObject({ partsBuilt: 1, partsShared: before.length - 1 });
    const after = (await world.store.parts.index((await liveEntry(world.store)).build ?? ''))?.parts ?? [];
    expect(after.filter(({ part }) => before.some((each) => each.part === part))).toHaveLength(before.length - 1);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
  });

  test('E20: replaces events by rows of their ids, adds rows that were missing, and both equal a full rebuild', async () => {
    const { world, layer } = await start(60);
    await world.log.append(TOPIC, [event('s7', START, 1), event('s7', START + 60_000, 2)]);
    await layer.recompute([perSensor], never);
    const before = await counts(world);
    expect([before.get('s7 0'), before.get('s7 1')]).toEqual([1, 1]);
    // The same event at the same time, of another value: the count stays.
    const replaced = await correct(layer, request('replace', {}, { rows: rows(event('s7', START, 50)) }));
    expect(replaced.plan.targets?.count).toBe(1);
    expect(replaced.result.diff?.views[0]).toMatchObject({ rowsChanged: 1, rowsAdded: 0, rowsRemoved: 0 });
    expect(replaced.result.diff?.views[0]?.movers[0]).toMatchObject({
      key: ['s7'],
      before: { total: '1.00' },
      after: { total: '50.00' },
    });
    expect(await counts(world)).toEqual(before);
    const added = await correct(
      layer,
      request('add', {}, { rows: rows(event('s7', START + 120_000, 3), event('s8', START - 864_000_000, 4)) }),
    );
    expect(added.plan).toMatchObject({ targets: null, collisions: [] });
    const after = await counts(world);
    expect([after.get('s7 2'), after.get('s8 -14400')]).toEqual([1, 1]);
    expect(total(after)).toBe(total(before) + 2);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
    // What was added can be corrected like anything else.
    await correct(layer, request('retract', where("sensor = 's8'")));
    expect((await counts(world)).has('s8 -14400')).toBe(false);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
  });

  test('E9: changes no class: a duplicate of what was taken out does not begin to count', async () => {
    const { world, layer } = await start(40);
    await world.log.append(TOPIC, [event('s6', START, 1), event('s6', START, 1)]);
    await layer.recompute([perSensor], never);
    expect((await counts(world)).get('s6 0')).toBe(1);
    const { plan } = await correct(layer, request('retract', where("sensor = 's6'")));
    expect(plan.targets?.count).toBe(1);
    expect((await counts(world)).has('s6 0')).toBe(false);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
  });

  test('E20: restates a range without changing an event', async () => {
    const { world, layer } = await start(300);
    const content = await contentOf(world.store, (await liveEntry(world.store)).build);
    const { result } = await correct(layer, request('restate', { eventTime: { from: START, to: START + 60_000 } }));
    expect(result.facts['partsBuilt']).toBe(1);
    expect(result.diff?.views[0]).toMatchObject({ rowsChanged: 0, rowsAdded: 0, rowsRemoved: 0 });
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(content);
  });
});
