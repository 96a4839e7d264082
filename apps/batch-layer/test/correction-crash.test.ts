import { describe, expect, test } from 'vitest';
import type { CorrectionRequest } from '../src/corrections/correction-request.ts';
import { BatchLayer } from '../src/batch-layer.ts';
import { counts, rebuilt, request, rows, S1_IN_MINUTES_10_TO_20, start, where } from './correcting.ts';
import { died, mortalLayer } from './mortal.ts';
import { contentOf, event, events, liveEntry, never, project, readings, START, TOPIC } from './sample.ts';

async function planned(asked: CorrectionRequest) {
  const { world, layer } = await start(90);
  // What the run before the correction has to bring in.
  await world.log.append(TOPIC, events(20, 8, START + 1_000_000));
  const plan = await layer.corrections.plan(asked, never);
  return { world, plan };
}

const requests: readonly (readonly [string, CorrectionRequest])[] = [
  ['a retraction', request('retract', S1_IN_MINUTES_10_TO_20)],
  [
    'a replacement',
    request('replace', where("sensor = 's2'"), { rows: rows(event('s2', START + 30_500, 4), event('s8', START, 2)) }),
  ],
];

describe('E14 E15 E20: killed at every step', () => {
  test.each(requests)(
    'of %s, the old release serves or the new one, and the repetition ends in the same partials',
    async (_, asked) => {
      const whole = await planned(asked);
      const options = { fingerprint: whole.plan.fingerprint, gates: [], preview: false };
      expect(
        await died(mortalLayer(whole.world, project(), Infinity).corrections.apply(whole.plan.id, options, never)),
      ).toBe(false);
      const wanted = [...(await counts(whole.world))].sort();
      let deaths = 0;
      for (let calls = 1; ; calls++) {
        const { world, plan } = await planned(asked);
        const before = [...(await counts(world))].sort();
        const apply = (layer: BatchLayer): Promise<unknown> =>
          layer.corrections.apply(plan.id, { ...options, fingerprint: plan.fingerprint }, never);
        const isDead = await died(apply(mortalLayer(world, project(), calls)));
        const between = [...(await counts(world))].sort();
        const { corrections } = await liveEntry(world.store);
        // Without the correction it is what was live, or what came since added; with it, it is all of it.
        if (corrections.length > 0) expect(between).toEqual(wanted);
        else if (between.length === before.length) expect(between).toEqual(before);
        if (!isDead) break;
        deaths++;
        await apply(new BatchLayer(project(), world.ports));
        expect([...(await counts(world))].sort()).toEqual(wanted);
        const { build } = await liveEntry(world.store);
        expect(await contentOf(world.store, build)).toEqual(await rebuilt(world));
        expect(await world.archive.corrections(readings.name).list()).toHaveLength(1);
      }
      expect(deaths).toBeGreaterThan(100);
    },
    240_000,
  );
});
