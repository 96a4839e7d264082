import type { ToldRestatement } from '@twofold/corrections';
import { describe, expect, test } from 'vitest';
import { letGoOf, rollBackTo } from '../src/corrections/roll-back.ts';
import { correct, request, S1_IN_MINUTES_10_TO_20 } from './correcting.ts';
import { control, DAY_MS, event, never, perSensor, project, START, TOPIC } from './sample.ts';
import { built, late } from './feed-world.ts';
describe('X8: a rollback in the feed', () => {
  const placeOf = ({ key, window }: ToldRestatement): string => `${key?.['sensor']} ${window.start}`;

  test('E17: at the same cut tells each row that is as it was again: who followed has the numbers of before', async () => {
    const { world, layer, tell, told } = await built();
    const { result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    await tell();
    const corrected = await told();
    const { release, number } = await rollBackTo(
      { release: result.diff?.base ?? '', views: null },
      project(),
      world.ports,
      never,
    );
    expect(await tell()).toBe(corrected.length);
    const back = (await told()).slice(corrected.length);
    expect(new Map(back.map((each) => [placeOf(each), [each.old, each.new]]))).toEqual(
      new Map(corrected.map((each) => [placeOf(each), [each.new, each.old]])),
    );
    expect(back[0]).toMatchObject({ cause: 'ROLLBACK', correction: null, release, releaseNumber: number, rows: 1 });
    expect(back[0]?.reason).toMatch(/^rolled back to release \d+ \(/);
  });

  test('at an older cut tells the stretches of time that corrections of one list only have touched', async () => {
    const { world, layer, tell, told } = await built();
    const { result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    await world.log.append(TOPIC, [event('s1', START + 40 * DAY_MS, 3), event('s2', START + 610_000, 7)]);
    await layer.recompute([perSensor], never);
    await tell();
    const before = await told();
    await rollBackTo({ release: result.diff?.base ?? '', views: null }, project(), world.ports, never);
    await tell();
    const back = (await told()).slice(before.length);
    expect(back).toHaveLength(1);
    expect(back[0]).toMatchObject({ cause: 'ROLLBACK', key: null, old: null, new: null });
    expect(back[0]?.rows).toBeGreaterThan(1);
    const { start = 0, end = 0 } = back[0]?.window ?? {};
    expect([start <= START + 600_000, end >= START + 1_200_000, end < START + 40 * DAY_MS]).toEqual([true, true, true]);
  });

  test('that takes no correction back tells what late data had made another answer of the batch side', async () => {
    const { world, layer, tell, told } = await built();
    const first = (await control(world.store)).live;
    // Of a window that was complete, and of one that begins after all of them.
    await world.log.append(TOPIC, [...late(5), event('s1', START + 40 * DAY_MS, 3)]);
    await layer.recompute([perSensor], never);
    await rollBackTo({ release: first, views: null }, project(), world.ports, never);
    await tell();
    const [came, went, ...more] = await told();
    expect(more).toEqual([]);
    expect(came).toMatchObject({ cause: 'LATE_DATA', key: { sensor: 's1' }, correction: null, reason: null });
    expect(Number(came?.new?.['readings'])).toBe(Number(came?.old?.['readings']) + 5);
    expect(went).toMatchObject({ cause: 'ROLLBACK', window: came?.window, old: came?.new, new: came?.old });
  });

  test('to another cut, of more rows than are compared or that can not be read, tells only stretches that were complete', async () => {
    const { world, layer, tell, told } = await built();
    const first = (await control(world.store)).live;
    await world.log.append(TOPIC, [...late(5), event('s1', START + 40 * DAY_MS, 3)]);
    await layer.recompute([perSensor], never);
    const parts = { ...world.store.parts, chunk: () => Promise.resolve(null) };
    const ports = { ...world.ports, store: { ...world.store, parts } };
    await rollBackTo({ release: first, views: null }, project(), ports, never);
    await tell();
    const [, went, ...more] = await told();
    expect(more).toEqual([]);
    expect(went).toMatchObject({ cause: 'ROLLBACK', key: null });
    const { start = 0, end = 0 } = went?.window ?? {};
    expect([start <= START + 610_000, end > START + 610_000, end < START + 40 * DAY_MS]).toEqual([true, true, true]);
  });

  test('that takes no correction back tells nothing where only corrections are told: what came since is still added', async () => {
    const mine = { ...project(), restatements: 'corrections' as const };
    const { world, layer, tell } = await built(mine);
    const first = (await control(world.store)).live;
    await world.log.append(TOPIC, late(5));
    await layer.recompute([perSensor], never);
    await rollBackTo({ release: first, views: null }, mine, world.ports, never);
    expect((await control(world.store)).untold ?? []).toEqual([]);
    expect(await tell()).toBe(0);
    expect(await letGoOf(null, world.ports, never)).toEqual(['perSensor']);
  });

  test('does not wait for rows that can not be read: a stretch is told', async () => {
    const { world, layer, tell, told } = await built();
    const { result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    const parts = { ...world.store.parts, chunk: () => Promise.resolve(null) };
    const ports = { ...world.ports, store: { ...world.store, parts } };
    await rollBackTo({ release: result.diff?.base ?? '', views: null }, project(), ports, never);
    await tell();
    expect((await told()).at(-1)).toMatchObject({ cause: 'ROLLBACK', key: null });
  });
});
