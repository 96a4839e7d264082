import { expect, test } from 'vitest';
import { correct, counts, rebuilt, refusalOf, request, rows, start, where } from './correcting.ts';
import { died, mortalLayer } from './mortal.ts';
import { contentOf, control, event, liveEntry, never, project, readings, START, TOPIC } from './sample.ts';

async function withEvents() {
  const { world, layer } = await start(120);
  await world.log.append(TOPIC, [event('gone', START + 1_000, 5), event('s1', START + 2_000, 5)]);
  await correct(
    layer,
    request('add', {}, { rows: rows(event('gone', START + 90_000, 1), event('s3', START + 95_500, 1)) }),
  );
  const asked = request('redact', where("sensor = 'gone'"), { approver: 'bob', reason: 'r', idempotencyKey: 'k' });
  const plan = await layer.corrections.plan(asked, never);
  return { world, layer, plan };
}

/** Ends after so many calls. Gives whether it died before it was done. */
function applyAndDie({ world, plan }: Awaited<ReturnType<typeof withEvents>>, calls: number): Promise<boolean> {
  const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
  return died(mortalLayer(world, project(), calls).corrections.apply(plan.id, options, never));
}

test('E21: cut short anywhere, what was served stays readable and the repetition ends in the same', async () => {
  const whole = await withEvents();
  expect(await applyAndDie(whole, Infinity)).toBe(false);
  const wanted = [...(await counts(whole.world))].sort();
  let deaths = 0;
  for (let calls = 3; ; calls += 7) {
    const cut = await withEvents();
    const died = await applyAndDie(cut, calls);
    // In the middle the batch side is whole: with what goes, or without.
    const between = [...(await counts(cut.world))].filter(([row]) => !row.startsWith('gone')).sort();
    expect(between).toEqual(wanted);
    if (!died) break;
    deaths++;
    // Once it is begun, nothing else is planned before it is done.
    const { redactions } = await control(cut.world.store);
    if (redactions?.[readings.name]?.release === null)
      expect(await refusalOf(cut.layer.corrections.plan(request('retract', where("sensor = 's1'")), never))).toBe(
        'REDACTING',
      );
    expect(await applyAndDie(cut, Infinity)).toBe(false);
    expect([...(await counts(cut.world))].sort()).toEqual(wanted);
    expect(await contentOf(cut.world.store, (await liveEntry(cut.world.store)).build)).toEqual(
      await rebuilt(cut.world),
    );
    const left = [...cut.world.stored].filter(([, bytes]) => Buffer.from(bytes).includes('"gone"'));
    expect(left.map(([name]) => name)).toEqual([]);
    const row = await control(cut.world.store);
    expect([row.releases.length, row.candidates.length]).toEqual([1, 0]);
    const list = await cut.world.archive.corrections(readings.name).list();
    expect(list.map(({ kind }) => kind)).toEqual(['add', 'redact']);
    const faults: unknown[] = [];
    for await (const fault of cut.world.archive.verify(readings.name)) faults.push(fault);
    expect(faults).toEqual([]);
  }
  expect(deaths).toBeGreaterThan(15);
}, 120_000);
