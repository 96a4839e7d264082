import { describe, expect, test } from 'vitest';
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
  where,
} from './correcting.ts';
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

  test('E20: hits rows of a correction by their source, and nothing else at those positions', async () => {
    const { world, layer } = await start(60);
    const before = await counts(world);
    const given = rows(event('s8', START, 1), event('s8', START + 61_000, 2), event('s1', START + 500, 3));
    const { result } = await correct(layer, request('add', {}, { rows: given }));
    const some = { offsets: { from: 1, to: 3 } };
    const { plan } = await correct(layer, request('retract', some, { source: result.correction }));
    expect(plan.targets?.count).toBe(2);
    expect(plan.asked).toBe('rows of correction 0 and offsets [1, 3)');
    expect(await counts(world)).toEqual(new Map([...before, ['s8 0', 1]]));
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
    const wrong = (more: object): Promise<string> =>
      refusalOf(layer.corrections.plan(request('retract', {}, { source: result.correction, ...more }), never));
    expect(await wrong({ source: 'none' })).toBe('CORRECTION_UNKNOWN');
    expect(
      await refusalOf(
        layer.corrections.plan(request('retract', { partition: 0 }, { source: result.correction }), never),
      ),
    ).toBe('CORRECTION_INVALID');
  });

  test('E20: a plan tells of another that hits some of the same events, and why each view moves', async () => {
    const { layer } = await start(300);
    const first = await layer.corrections.plan(request('retract', S1_IN_MINUTES_10_TO_20), never);
    const half = { ...S1_IN_MINUTES_10_TO_20, eventTime: { from: START + 900_000, to: START + 1_500_000 } };
    const second = await layer.corrections.plan(request('retract', half, { author: 'bob' }), never);
    expect(first.conflicts).toEqual([]);
    expect(first.effects[0]?.why).toMatch(/^\d+ events that are hit fall into \d+ of its panes, from 2026-01-01T00:1/);
    expect(second.conflicts).toMatchObject([{ plan: first.id, kind: 'retract', author: 'ann' }]);
    const shared = second.conflicts?.[0]?.sharedEvents ?? 0;
    expect(shared).toBeGreaterThan(0);
    expect(shared).toBeLessThan(first.targets?.count ?? 0);
    // Neither a look at it nor a gate brings it into force.
    await layer.corrections.apply(first.id, { fingerprint: first.fingerprint, gates: [], preview: true }, never);
    const seen = await layer.corrections.plan(request('retract', half, { idempotencyKey: 'beside it' }), never);
    expect(seen.conflicts?.map(({ plan }) => plan)).toEqual([second.id, first.id]);
    // Once it is applied it is no plan any more, and the others were made on another base.
    await layer.corrections.apply(first.id, { fingerprint: first.fingerprint, gates: [], preview: false }, never);
    const third = await layer.corrections.plan(request('retract', where("sensor = 's2'")), never);
    expect(third.conflicts).toEqual([]);
  });

  test('E20: a difference tells each bucket of time: what came, went and changed, and the row that moved most', async () => {
    const { world, layer } = await start(100);
    const days = [1, 2, 3].map((day) => START + day * 864_000_000);
    await world.log.append(
      TOPIC,
      days.flatMap((at, i) => [event('s9', at, 10 * (i + 1)), event('s7', at, 1)]),
    );
    await layer.recompute([perSensor], never);
    const changed = rows(event('s9', days[0] ?? 0, 15), event('s9', days[2] ?? 0, 90));
    const { result } = await correct(layer, request('replace', {}, { rows: changed }));
    const gone = await correct(layer, request('retract', where("sensor = 's7' and value > 0")));
    const of = ({ diff }: typeof result) =>
      diff?.views[0]?.buckets.map(({ rows: many, keysRemoved, largest }) => [
        many,
        keysRemoved,
        largest.before?.['total'],
        largest.after?.['total'],
      ]);
    expect(of(result)).toEqual([
      [1, 0, '10.00', '15.00'],
      [1, 0, '30.00', '90.00'],
    ]);
    expect(of(gone.result)).toEqual(days.map(() => [1, 1, '1.00', undefined]));
    expect(result.diff?.views[0]?.buckets[1]?.measures).toEqual([
      { measure: 'total', rowsChanged: 1, largestAbsolute: 60, largestRelative: 2 },
    ]);
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
