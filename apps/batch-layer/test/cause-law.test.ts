import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { keptRestatements } from '../src/review/told-restatements.ts';
import { rebuilt, request } from './correcting.ts';
import {
  contentOf,
  event,
  events,
  liveEntry,
  never,
  perSensor,
  project,
  readings,
  START,
  surroundings,
  TOPIC,
} from './sample.ts';

/** When late data come: while it is planned, between, while the base is brought up, while parts are built, compared, promoted. */
const moments = ['PLAN', 'BETWEEN', 'ARCHIVE', 'FOLD', 'COMPARE', 'PROMOTE'] as const;

test('E20: whatever late data come while a correction is planned, built and promoted, none of it is in the correction’s share', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000 }),
      fc.array(
        fc.record({
          moment: fc.constantFrom(...moments),
          at: fc.integer({ min: 0, max: 6 }),
          many: fc.integer({ min: 1, max: 9 }),
        }),
        {
          minLength: 1,
          maxLength: 5,
        },
      ),
      async (seed, arrivals) => {
        const world = surroundings(seed);
        await world.log.ensureTopic(TOPIC, { partitions: 2 });
        await world.log.append(TOPIC, events(150, seed));
        let came = 0;
        const seen = new Map<string, number>();
        /** Late events into the very minutes that are corrected, of the sensor that is and of another. */
        const arrive = async (moment: (typeof moments)[number]): Promise<void> => {
          const now = seen.get(moment) ?? 0;
          seen.set(moment, now + 1);
          for (const each of arrivals)
            if (each.moment === moment && each.at === now)
              for (let i = 0; i < each.many; i++, came++)
                await world.log.append(TOPIC, [event(`s${1 + (i % 2)}`, START + 300_000 + 7 * came, 500)]);
        };
        const { ports } = world;
        const layer = new BatchLayer(
          { ...project(), restatements: 'all' },
          {
            ...ports,
            archive: { ...world.archive, head: async (name) => (await arrive('ARCHIVE'), world.archive.head(name)) },
            engine: {
              ...ports.engine,
              survey: (task, signal) => ports.engine.survey(task, signal),
              async *fold(job, signal) {
                await arrive('FOLD');
                yield* ports.engine.fold(job, signal);
              },
            },
            store: {
              ...ports.store,
              parts: {
                ...ports.store.parts,
                chunk: async (part, number) => (await arrive('COMPARE'), ports.store.parts.chunk(part, number)),
              },
              control: {
                ...ports.store.control,
                compareAndSet: async (row) => (await arrive('PROMOTE'), ports.store.control.compareAndSet(row)),
              },
            },
          },
        );
        await layer.recompute([perSensor], never);
        await arrive('PLAN');
        const asked = request('retract', {
          where: { field: 'sensor', is: 'equals', value: 's1' },
          eventTime: { from: START + 300_000, to: START + 900_000 },
        });
        const plan = await layer.corrections.plan(asked, never).catch(() => null);
        fc.pre(plan !== null);
        if (plan === null) return;
        await arrive('BETWEEN');
        const { fingerprint } = plan;
        const { release } = await layer.corrections.apply(plan.id, { fingerprint, gates: [], preview: false }, never);
        const told = (await keptRestatements(world.archive, [readings.name], release ?? '')) ?? [];
        const mine = told.filter(({ cause }) => cause === 'CORRECTION');
        expect(told).toEqual(mine);
        const gone = mine.map(({ key, old, new: now }) => {
          expect(key?.['sensor']).toBe('s1');
          return Number(old?.['readings']) - Number(now?.['readings'] ?? 0);
        });
        expect(gone.reduce((sum, each) => sum + each, 0)).toBe(plan.targets?.count);
        const { build } = await liveEntry(world.store);
        expect(await contentOf(world.store, build)).toEqual(await rebuilt(world));
      },
    ),
    { numRuns: 25 },
  );
});
