import { archivedRecords, derivedName } from '@twofold/archive';
import { createArchivedLog } from '@twofold/event-log';
import { decimal, instant, stream, text, type Stream } from '@twofold/schemas';
import { count, max, tumbling, view, type View } from '@twofold/views';
import { expect, test } from 'vitest';
import { BATCH_DEFAULTS, BatchLayer } from '../src/batch-layer.ts';
import { correct, refusalOf, request, where } from './correcting.ts';
import { died, mortalLayer } from './mortal.ts';
import {
  contentOf,
  control,
  event,
  events,
  HORIZON,
  liveEntry,
  never,
  perSensor,
  readings,
  SLICE,
  START,
  surroundings,
  TOPIC,
  type World,
} from './sample.ts';

const CANARY = 'canary';
const agreed = { approver: 'bob', reason: 'ticket 12', idempotencyKey: 'key 1' };

/** What the next version of the stream has more. */
function versioned(version: number, more: 'note' | 'place'): Stream {
  const note = more === 'note' ? { note: text().optional() } : { note: text().optional(), place: text().optional() };
  return stream('readings', {
    fields: { sensor: text().maxLength(16), at: instant('ms'), value: decimal(2).between(-1000, 1000), ...note },
    ...({ id: ['sensor', 'at'], eventTime: 'at', partitionKey: 'sensor', skew: null } as const),
    ...{ dedupeHorizon: HORIZON, sliceSize: SLICE, version },
  });
}

function hottest(from: Stream, version: number): View {
  return view('perSensor', {
    from: from as typeof readings,
    version,
    dimensions: (e) => ({ sensor: e.sensor }),
    window: tumbling('1m'),
    measures: (e) => ({ readings: count(), most: max(e.value) }),
    levels: { '1m': 'forever' },
    serve: [{ key: ['sensor'] }],
  });
}

const second = versioned(2, 'note');
const third = versioned(3, 'place');

function layerOf(of: Stream, views: readonly View[], { ports }: Pick<World, 'ports'>): BatchLayer {
  const project = { id: 'p', streams: [{ stream: of, topic: TOPIC }], views };
  return new BatchLayer(project, ports, { ...BATCH_DEFAULTS, archive: { fileRecords: 16, readBytes: 1 << 14 } });
}

const canaries = (from: number) => Array.from({ length: 12 }, (_, i) => event(CANARY, START + from + i * 5_000, i));

/** Three versions have each archived some of the log, with a canary among it; the last one is served. */
async function threeVersions(): Promise<{ world: World; layer: BatchLayer }> {
  const world = surroundings(5);
  await world.log.ensureTopic(TOPIC, { partitions: 1 });
  await world.log.append(TOPIC, [...events(40, 5), ...canaries(0), event(CANARY, START + 900_000, 5_000)]);
  await layerOf(readings, [perSensor], world).recompute([perSensor], never);
  const declared = [
    [second, hottest(second, 2)],
    [third, hottest(third, 3)],
  ] as const;
  for (const [i, [of, served]] of declared.entries()) {
    await world.log.append(TOPIC, [...events(30, 7 + i, START + 1_000_000 * (i + 1)), ...canaries(400_000 * (i + 1))]);
    await layerOf(of, [served], world).recompute([served], never);
  }
  return { world, layer: layerOf(third, [hottest(third, 3)], world) };
}

const placesWith = ({ stored }: World): string[] =>
  [...stored].filter(([, bytes]) => Buffer.from(bytes).includes(CANARY)).map(([name]) => name);

test('E21, E9: of a stream that several versions archived, every file of every version loses what is erased', async () => {
  const { world, layer } = await threeVersions();
  const chains = [readings.name, derivedName(second), derivedName(third)];
  for (const chain of chains)
    expect([chain, placesWith(world).some((name) => name.startsWith(`${chain}/`))]).toEqual([chain, true]);
  const { plan, result } = await correct(layer, request('redact', where(`sensor = '${CANARY}'`), agreed));
  expect(plan.erases?.counts).toMatchObject({ applied: 36, added: 0 });
  expect(plan.erases?.counts.rejected).toBeGreaterThan(0);
  expect(result.certificate?.targets.count).toBe(plan.targets?.count);
  expect(placesWith(world)).toEqual([]);
  const faults: unknown[] = [];
  for (const chain of chains) for await (const fault of world.archive.verify(chain)) faults.push(fault);
  expect(faults).toEqual([]);

  // What is left answers as a program that had the newest version from the start, over the log without it.
  const log = createArchivedLog(
    world.log,
    archivedRecords(world.archive, () => third),
  );
  const fresh = surroundings(9);
  const again = layerOf(third, [hottest(third, 3)], { ports: { ...fresh.ports, log } });
  await again.recompute([hottest(third, 3)], never);
  const content = async (of: World): Promise<string[]> => contentOf(of.store, (await liveEntry(of.store)).build);
  expect(await content(world)).toEqual(await content(fresh));
});

test('E21: cut short among the files of several versions, it is repeated and ends in the same', async () => {
  const whole = await threeVersions();
  const { layer } = whole;
  await correct(layer, request('redact', where(`sensor = '${CANARY}'`), agreed));
  const wanted = await contentOf(whole.world.store, (await liveEntry(whole.world.store)).build);
  const project = { id: 'p', streams: [{ stream: third, topic: TOPIC }], views: [hottest(third, 3)] };
  let deaths = 0;
  for (let calls = 20; ; calls += 23) {
    const { world, layer: other } = await threeVersions();
    const plan = await other.corrections.plan(request('redact', where(`sensor = '${CANARY}'`), agreed), never);
    const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
    const isDead = await died(mortalLayer(world, project, calls).corrections.apply(plan.id, options, never));
    await other.corrections.apply(plan.id, options, never);
    expect(placesWith(world)).toEqual([]);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(wanted);
    if (!isDead) break;
    deaths++;
  }
  expect(deaths).toBeGreaterThan(3);
}, 120_000);

test('E21: a program of an older version does not redact, and nothing is erased', async () => {
  const { world } = await threeVersions();
  const row = await control(world.store);
  const places = placesWith(world);
  const old = layerOf(second, [hottest(second, 2)], world);
  const asked = request('redact', where(`sensor = '${CANARY}'`), agreed);
  expect(await refusalOf(old.corrections.plan(asked, never))).toBe('CORRECTION_INVALID');
  expect(await control(world.store)).toEqual(row);
  // It may have read history anew for itself.
  expect(placesWith(world)).toEqual(expect.arrayContaining(places));
});
