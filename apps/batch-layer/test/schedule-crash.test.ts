import type { RunRecord } from '@twofold/view-store';
import { expect, test } from 'vitest';
import { start } from './correcting.ts';
import { mortalRunner } from './mortal.ts';
import { contentOf, control, events, liveEntry, never, project, START, TOPIC, type World } from './sample.ts';

const HOURLY = '0 * * * *';
const JOB = `recompute ${HOURLY}`;

/** A release, and events that the slot that is due has to bring in. */
async function grown(): Promise<World> {
  const { world } = await start(90);
  await world.log.append(TOPIC, events(60, 8, START + 600_000));
  return world;
}

const content = async ({ store }: World): Promise<string[]> => contentOf(store, (await liveEntry(store)).build);

/** Another scheduler, until nobody holds the job and its slot needs no run: it has to wait for the lease first. */
async function goOn(world: World): Promise<RunRecord[]> {
  const { runner } = mortalRunner(world, project(), HOURLY, Infinity);
  for (let look = 0; look < 20; look++) {
    await runner.runSlot(never);
    world.clock.pass(5_000);
  }
  const row = await world.store.jobs.read(JOB);
  expect([row?.holder, row?.clean]).toEqual([null, true]);
  return [...(await world.store.runs.list({ limit: 100 }))].reverse();
}

test('E14 E15: a scheduler that is killed at any step leaves the old release or the new one, and the slot is done by one run', async () => {
  const whole = await grown();
  expect(await mortalRunner(whole, project(), HOURLY, Infinity).runner.runSlot(never)).toBe(true);
  const wanted = await content(whole);
  const ends = { dead: 0, unknown: 0, abandoned: 0, doneBy: 0 };
  for (let calls = 0; ; calls++) {
    const world = await grown();
    const before = await content(world);
    const { live, releases } = await control(world.store);
    const { runner, death } = mortalRunner(world, project(), HOURLY, calls);
    const end = await Promise.race([runner.runSlot(never), death]);
    await new Promise((resolve) => setImmediate(resolve));
    const old = (await control(world.store)).live === live;
    expect(await content(world)).toEqual(old ? before : wanted);
    if (end !== 'DEAD') break;
    const runs = await goOn(world);
    expect(await content(world)).toEqual(wanted);
    const after = await control(world.store);
    expect(after.releases.length).toBe(releases.length + 1);
    // One run has done the slot, and says with what; of the one that was killed nobody knows, or that it was given up.
    const done = runs.filter(({ state }) => state === 'SUCCEEDED');
    expect([calls, done.map(({ slot, release }) => [slot, release])]).toEqual([calls, [[START, after.live]]]);
    const others = runs.filter(({ state }) => state !== 'SUCCEEDED');
    expect(others.map(({ state, slot }) => [state, slot])).toEqual(others.map(() => ['ABANDONED', START]));
    expect(others.length).toBeLessThan(2);
    expect(runs.every(({ endedAt, progress }) => endedAt !== null && (progress ?? null) === null)).toBe(true);
    if (done[0]?.facts['doneBy'] !== undefined) expect(done[0].facts['doneBy']).toBe(others[0]?.id);
    ends.dead++;
    ends.doneBy += Number(done[0]?.facts['doneBy'] !== undefined);
    ends.abandoned += others.length;
    ends.unknown += Number(others.length === 0);
  }
  // Each kind of end was met: before it held the job, in its work, after its promotion.
  expect(Object.values(ends).every((many) => many > 0)).toBe(true);
  expect(ends.dead).toBeGreaterThan(100);
}, 240_000);
