import { expect, test } from 'vitest';
import { LogArchiver } from '../src/archive-log.ts';
import { LossWatch } from '../src/loss-watch.ts';
import { events, never, readings, surroundings, TOPIC, type World } from './sample.ts';

const HOUR_MS = 3_600_000;

async function world(): Promise<World> {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  return around;
}

const topic = { stream: readings, topic: TOPIC };
const archive = (around: World) => new LogArchiver(topic, around.ports).archiveUntilEnd([0], never);
const watching = (around: World, retainMs: number | null): LossWatch =>
  new LossWatch([topic], { ...around.ports, retainMs: () => Promise.resolve(retainMs) });

/** An archive that stands still is seen by the second of two looks. */
async function lookTwice(watch: LossWatch): Promise<readonly unknown[]> {
  await watch.look(never);
  await watch.look(never);
  return watch.risks;
}

test('E13: the alarm is raised before the log lets go of what is not archived, and ends when it is', async () => {
  const around = await world();
  await around.log.append(TOPIC, events(30, 1));
  await archive(around);
  await around.log.append(TOPIC, events(10, 2));
  const watch = watching(around, HOUR_MS);
  expect(await lookTwice(watch)).toEqual([]);
  around.clock.pass(0.4 * HOUR_MS);
  expect(await lookTwice(watch)).toEqual([]);
  around.clock.pass(0.2 * HOUR_MS);
  const place = { stream: 'readings', partition: 0, archivedTo: 30, start: 0, end: 40 };
  expect(await lookTwice(watch)).toMatchObject([place]);
  const told = () => around.logger.entries.filter(({ facts }) => facts['code'] === 'ARCHIVE_BEHIND');
  expect(told()).toMatchObject([{ level: 'error', facts: place }]);
  await watch.look(never);
  expect(told().length).toBe(1);
  await archive(around);
  await watch.look(never);
  expect(watch.risks).toEqual([]);
});

test('E13: an archive that moves is left alone, however old what it takes is', async () => {
  const around = await world();
  await around.log.append(TOPIC, events(60, 1));
  around.clock.pass(HOUR_MS);
  const watch = watching(around, HOUR_MS);
  const archiver = new LogArchiver(topic, around.ports, { fileRecords: 10, readBytes: 700 });
  for (const below of [20, 40, 50]) {
    await archiver.archiveUntilEnd([0], never, [below]);
    await watch.look(never);
    expect(watch.risks).toEqual([]);
  }
  await watch.look(never);
  expect(watch.risks).toMatchObject([{ archivedTo: 50, end: 60 }]);
});

test('E13: where nobody says how long the log keeps records, it is what is left of them that counts', async () => {
  const around = await world();
  await around.log.append(TOPIC, events(30, 1));
  await archive(around);
  await around.log.append(TOPIC, events(40, 2));
  const watch = watching(around, null);
  // It has not let go of anything yet.
  expect(await lookTwice(watch)).toEqual([]);
  await around.log.trim(TOPIC, 0, 20);
  expect(await lookTwice(watch)).toMatchObject([{ archivedTo: 30, start: 20, end: 70 }]);
});

test('E13: what was lost is told with the range, also when nothing was ever archived', async () => {
  const around = await world();
  await around.log.append(TOPIC, events(30, 1));
  await archive(around);
  await around.log.append(TOPIC, events(30, 2));
  await around.log.trim(TOPIC, 0, 40);
  const watch = watching(around, HOUR_MS);
  expect(await lookTwice(watch)).toMatchObject([
    { archivedTo: 30, start: 40, message: expect.stringContaining('let go of those below 40') as unknown },
  ]);
  const empty = await world();
  await empty.log.append(TOPIC, events(5, 1));
  empty.clock.pass(HOUR_MS);
  expect(await lookTwice(watching(empty, HOUR_MS))).toMatchObject([{ archivedTo: 0, end: 5 }]);
});
