import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TwofoldError } from '@twofold/schemas';
import type { BatchLayer } from '../src/batch-layer.ts';
import { correct, counts, rebuilt, request, rows, start, total, where } from './correcting.ts';
import { contentOf, event, events, liveEntry, never, perSensor, START, TOPIC, type World } from './sample.ts';

/** What may happen to a project, one after the other. */
type Step =
  | { readonly do: 'retract'; readonly sensor: number; readonly minute: number }
  | { readonly do: 'add'; readonly sensor: number; readonly minute: number }
  | { readonly do: 'replace'; readonly sensor: number; readonly minute: number }
  | { readonly do: 'restate'; readonly minute: number }
  | { readonly do: 'takeBack'; readonly which: number }
  | { readonly do: 'send'; readonly seed: number };

const sensor = fc.nat({ max: 3 });
const minute = fc.nat({ max: 20 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('retract', 'add', 'replace'), sensor, minute }),
    fc.record({ do: fc.constant('restate' as const), minute }),
    fc.record({ do: fc.constant('takeBack' as const), which: fc.nat({ max: 9 }) }),
    fc.record({ do: fc.constant('send' as const), seed: fc.nat({ max: 1_000 }) }),
  ),
  { minLength: 1, maxLength: 7 },
);

/** Nothing to hit, or nothing to take back: as if the step had not been asked for. */
const NOTHING = new Set(['NOTHING_MATCHES', 'EVERYTHING_MATCHES', 'NOT_IN_FORCE', 'ROWS_INVALID']);

async function take(step: Step, number: number, world: World, layer: BatchLayer): Promise<void> {
  const from = START + ('minute' in step ? step.minute : 0) * 60_000;
  const key = { idempotencyKey: `step ${number}` };
  const name = 's' + ('sensor' in step ? step.sensor : 0);
  const range = { eventTime: { from, to: from + 180_000 } };
  const some = { rows: rows(event(name, from + number + 1, 5), event('added', from + number + 2, 6)), ...key };
  switch (step.do) {
    case 'retract':
      return void (await correct(layer, request('retract', { ...where(`sensor = '${name}'`), ...range }, key)));
    case 'replace':
      return void (await correct(layer, request('replace', { ...where(`sensor = '${name}'`), ...range }, some)));
    case 'add':
      return void (await correct(layer, request('add', {}, some)));
    case 'restate':
      return void (await correct(layer, request('restate', range, key)));
    case 'send':
      await world.log.append(TOPIC, events(30, step.seed, START + (step.seed % 20) * 60_000));
      return void (await layer.recompute([perSensor], never));
    case 'takeBack': {
      const { corrections } = await liveEntry(world.store);
      const id = corrections[step.which % Math.max(1, corrections.length)];
      if (id === undefined) return;
      const plan = await layer.corrections.planRevert(id, { ...request('retract', {}), ...key }, never);
      const before = total(await counts(world));
      await layer.corrections.apply(plan.id, { fingerprint: plan.fingerprint, gates: [], preview: false }, never);
      const { comes = 0, goes = 0 } = plan.takesBack ?? {};
      expect(total(await counts(world)) - before).toBe(comes - goes);
    }
  }
}

test(
  'E14, E20: after any corrections, takings back and late data the live build is what a full rebuild gives, byte for byte',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat({ max: 100 }), async (list, seed) => {
        const { world, layer } = await start(150, seed);
        for (const [number, step] of list.entries()) {
          try {
            await take(step, number, world, layer);
          } catch (error) {
            if (!(error instanceof TwofoldError) || !NOTHING.has(String(error.code))) throw error;
          }
          const { build } = await liveEntry(world.store);
          expect(await contentOf(world.store, build)).toEqual(await rebuilt(world));
        }
      }),
      { numRuns: 12 },
    );
  },
);
