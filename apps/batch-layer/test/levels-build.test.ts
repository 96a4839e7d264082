import fc from 'fast-check';
import { avg, count, max, sum, tumbling, view, type View } from '@twofold/views';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import * as sample from './sample.ts';
import { contentOf, DAY_MS, event, events, liveEntry, never, START, type World } from './sample.ts';

type Messages = ReturnType<typeof events>;

const HOUR_MS = DAY_MS / 24;
const WIDTHS = ['1m', '20m', '1d'] as const;

function withLevels(levels: Readonly<Record<string, '3d' | 'forever'>>, window: (typeof WIDTHS)[number]): View {
  return view('perSensor', {
    from: sample.readings,
    version: 1,
    dimensions: (e) => ({ sensor: e.sensor }),
    window: tumbling(window),
    measures: (e) => ({ readings: count(), total: sum(e.value), mean: avg(e.value), most: max(e.value) }),
    levels,
    serve: [{ key: ['sensor'] }],
  });
}

const kept = withLevels({ '1m': 'forever', '20m': 'forever', '1d': 'forever' }, '1m');
const forgotten = withLevels({ '1m': '3d', '1d': 'forever' }, '1m');

/** Builds the view after each step; gives the parts that are live then, and what was read for them. */
async function built(of: View, steps: readonly Messages[]) {
  const around = sample.surroundings();
  await around.log.ensureTopic(sample.TOPIC, { partitions: 2 });
  const layer = new BatchLayer(sample.project([of]), around.ports);
  let facts: Readonly<Record<string, number>> = {};
  for (const step of steps) {
    await around.log.append(sample.TOPIC, step);
    ({ facts } = await layer.recompute([of], never));
  }
  return { around, facts, lines: await content(around) };
}

async function content(around: World): Promise<string[]> {
  return contentOf(around.store, (await liveEntry(around.store)).build);
}

/** Each level folded from the archive by itself, by a view that has no other. */
async function foldedApart(steps: readonly Messages[]): Promise<string[]> {
  const lines: string[] = [];
  for (const width of WIDTHS)
    lines.push(...(await built(withLevels({ [width]: 'forever' }, width), [steps.flat()])).lines);
  return lines.sort();
}

const placeOf = (line: string): string => line.split(' ', 2).join(' ');

const someSteps = fc.array(
  fc.record({ many: fc.integer({ min: 1, max: 40 }), hour: fc.integer({ min: 0, max: 240 }), seed: fc.nat(1000) }),
  { minLength: 1, maxLength: 6 },
);
const stepsOf = (some: readonly { many: number; hour: number; seed: number }[]): Messages[] =>
  some.map(({ many, hour, seed }) => events(many, seed, START + hour * HOUR_MS));

test('E14: levels that are summed of finer ones and of the base are byte for byte what the archive gives each by itself', async () => {
  await fc.assert(
    fc.asyncProperty(someSteps, async (some) => {
      const steps = stepsOf(some);
      expect((await built(kept, steps)).lines).toEqual(await foldedApart(steps));
    }),
    { numRuns: 40 },
  );
});

test('E14: nor does it matter which levels have let go of their panes', async () => {
  await fc.assert(
    fc.asyncProperty(someSteps, async (some) => {
      const steps = stepsOf(some);
      const { lines } = await built(forgotten, steps);
      const there = new Set(lines.map(placeOf));
      expect(lines).toEqual((await foldedApart(steps)).filter((line) => there.has(placeOf(line))));
      // The level that keeps everything has everything.
      expect(lines.filter((line) => line.startsWith(`${DAY_MS} `))).not.toEqual([]);
      expect((await built(forgotten, [steps.flat()])).lines).toEqual(lines);
    }),
    { numRuns: 40 },
  );
});

test('E14: an event of today is not a reason to read the archive of years again', async () => {
  const years = Array.from({ length: 20 }, (_, month) => events(30, month, START - month * 30 * DAY_MS));
  const { facts } = await built(kept, [...years, events(10, 99, START + DAY_MS)]);
  expect(facts).toMatchObject({ partsBuilt: 3 });
  expect(facts['recordsRead']).toBeLessThan(50);
});

test('E14: a stored part that is damaged is no source of another one: that is folded from the archive, and told', async () => {
  const before = events(100, 5);
  const late = [event('s1', START + 5 * DAY_MS, 1)];
  const { around } = await built(kept, [before]);
  const index = await around.store.parts.index((await liveEntry(around.store)).build ?? '');
  const days = index?.parts.find(({ widthMs }) => widthMs === DAY_MS);
  const chunk = async (part: string, number: number): Promise<Uint8Array | null> => {
    const bytes = await around.store.parts.chunk(part, number);
    return part === days?.part && bytes !== null ? bytes.with(bytes.length - 1, 77) : bytes;
  };
  const damaged = { ...around.store, parts: { ...around.store.parts, chunk } };
  await around.log.append(sample.TOPIC, late);
  await new BatchLayer(sample.project([kept]), { ...around.ports, store: damaged }).recompute([kept], never);
  expect(await content(around)).toEqual(await foldedApart([before, late]));
  expect(around.logger.entries.map(({ message }) => message)).toContain(
    'a stored part is damaged: what was to be made of it is folded from the archive',
  );
});
