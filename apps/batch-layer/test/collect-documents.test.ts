import { registerCandidate } from '@twofold/releases';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { DocumentCollector } from '../src/collect-documents.ts';
import { saveDiff } from '../src/review/diff-store.ts';
import { tellRestatements, restatementTopic } from '../src/review/tell-restatements.ts';
import { keepRestatements } from '../src/review/told-restatements.ts';
import { correct, request, S1_IN_MINUTES_10_TO_20 } from './correcting.ts';
import {
  control,
  events,
  liveEntry,
  never,
  perSensor,
  project,
  readings,
  surroundings,
  TOPIC,
  type World,
} from './sample.ts';

const GRACE_MS = 10_000;
const STREAMS = [readings.name];

/** A project whose live release is a correction that nobody was told of yet. */
async function corrected(): Promise<{ world: World; release: string }> {
  const world = surroundings(5);
  await world.log.ensureTopic(TOPIC, { partitions: 2 });
  await world.log.ensureTopic(restatementTopic(project()), { partitions: 1 });
  await world.log.append(TOPIC, events(300, 5));
  const layer = new BatchLayer(project(), world.ports);
  await layer.recompute([perSensor], never);
  const { result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
  return { world, release: result.release ?? '' };
}

const documents = (world: World): Promise<readonly string[]> =>
  world.archive.corrections(readings.name).listDocuments();

const tell = (world: World): Promise<number> =>
  tellRestatements(project(), { ...world.ports, events: world.log }, never);

/** Twice, with the grace between. */
async function collectAll(world: World, collector: DocumentCollector): Promise<void> {
  await collector.collect(STREAMS, never);
  await world.clock.sleep(GRACE_MS);
  await collector.collect(STREAMS, never);
}

const collectorOf = ({ ports }: World, diffs = 1_000): DocumentCollector =>
  new DocumentCollector(ports, { graceMs: GRACE_MS, diffs });

test('X8: what a release tells stays until it is told, and goes then', async () => {
  const { world, release } = await corrected();
  const collector = collectorOf(world);
  await collectAll(world, collector);
  expect(await documents(world)).toContain(`restatements-${release}.json`);
  expect(await tell(world)).toBeGreaterThan(0);
  await collectAll(world, collector);
  expect(await documents(world)).not.toContain(`restatements-${release}.json`);
  expect(await documents(world)).toContain(`diff-${release}.json`);
});

test('X8: what a candidate will tell stays while one is registered that was when it was found', async () => {
  const { world } = await corrected();
  const row = await control(world.store);
  const base = await liveEntry(world.store);
  const made = registerCandidate(row, {
    ...{ id: 'late', registeredAt: 0, base: row.live, baseEntries: { [perSensor.name]: base.id } },
    ...{
      baseCorrections: { [readings.name]: base.corrections },
      entries: [{ ...base, id: 'late.e', build: 'late.e' }],
    },
  });
  if (!made.ok) throw new RangeError(made.message);
  await world.store.control.compareAndSet(made.row);
  await keepRestatements(world.archive, readings.name, 'R-of-late', { redactions: 0, changes: [] });
  const collector = collectorOf(world);
  await collectAll(world, collector);
  await world.clock.sleep(100 * GRACE_MS);
  await collectAll(world, collector);
  expect(await documents(world)).toContain('restatements-R-of-late.json');
});

test('what was to be told of a release that never was goes after the grace', async () => {
  const { world } = await corrected();
  await keepRestatements(world.archive, readings.name, 'R-of-nobody', { redactions: 0, changes: [] });
  const collector = collectorOf(world);
  await collector.collect(STREAMS, never);
  expect(await documents(world)).toContain('restatements-R-of-nobody.json');
  await world.clock.sleep(GRACE_MS);
  await collector.collect(STREAMS, never);
  expect(await documents(world)).not.toContain('restatements-R-of-nobody.json');
});

test('of differences whose release is not kept the newest stay, and all others', async () => {
  const { world, release } = await corrected();
  const diff = await new BatchLayer(project(), world.ports).corrections.diffOf(release);
  if (diff === null) throw new RangeError('the correction has no difference');
  for (const old of ['00A', '00B', '00C', '00D'])
    await saveDiff(world.archive, readings.name, old, { ...diff, id: old });
  await collectorOf(world, 2).collect(STREAMS, never);
  const left = (await documents(world)).filter((name) => name.startsWith('diff-')).sort();
  expect(left).toEqual(['diff-00C.json', 'diff-00D.json', `diff-${release}.json`].sort());
  expect((await documents(world)).some((name) => name.startsWith('plan-'))).toBe(true);
});
