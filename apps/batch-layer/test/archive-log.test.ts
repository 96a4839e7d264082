import { archivedEnd } from '@twofold/archive';
import { ClassifiedReader } from '@twofold/event-log';
import { createClassifier, createDecoder, RecordClass } from '@twofold/schemas';
import { expect, test } from 'vitest';
import { LogArchiver } from '../src/archive-log.ts';
import { event, events, HORIZON, never, readings, START, surroundings, TOPIC, type World } from './sample.ts';

const LENGTH = 150;

async function world(partitions = 1): Promise<World> {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions });
  return around;
}

function archiver(around: World, fileRecords = 40): LogArchiver {
  return new LogArchiver({ stream: readings, topic: TOPIC }, around.ports, { fileRecords, readBytes: 700 });
}

/** Offset → class as the archive has it, in the order of its files. */
async function archived({ archive }: World): Promise<[number, number][]> {
  const found: [number, number][] = [];
  for (const file of (await archive.head(readings.name)).files) {
    const { count, offsets, classes } = await archive.readColumns(readings, file);
    for (let row = 0; row < count; row++) found.push([offsets[row] ?? -1, classes[row] ?? -1]);
  }
  return found;
}

/** The same, read from the log in one go. */
async function classified({ log }: World, origin = 0): Promise<[number, number][]> {
  const reader = new ClassifiedReader(
    {
      cursor: log.open(TOPIC, 0),
      decoder: createDecoder(readings),
      classifier: createClassifier(readings),
      origin,
      dedupeHorizon: HORIZON,
      historySize: 2,
      maxBytes: 1 << 22,
    },
    origin,
  );
  const read = await reader.read({ waitMs: 0, signal: never });
  if (read === null) return [];
  return [...read.columns.offsets.subarray(0, read.columns.count)].map((offset, row) => [
    offset,
    read.columns.classes[row] ?? -1,
  ]);
}

test('E12 E13: every position is archived once with its class, in files that follow one another', async () => {
  const around = await world();
  const mine = archiver(around);
  const all = events(LENGTH, 4);
  for (let at = 0; at < LENGTH; at += 33) {
    await around.log.append(TOPIC, all.slice(at, at + 33));
    await mine.archiveUntilEnd([0], never);
  }
  await mine.close();
  expect(await archived(around)).toEqual(await classified(around));
  const state = await around.archive.head(readings.name);
  expect(archivedEnd(state, 0)).toBe(LENGTH);
  let at = 0;
  for (const file of state.files) {
    expect(file.from).toBe(at);
    expect(file.counts.applied + file.counts.duplicate + file.counts.rejected + file.counts.control).toBe(
      file.to - file.from,
    );
    at = file.to;
  }
  const faults = [];
  for await (const fault of around.archive.verify(readings.name)) faults.push(fault);
  expect(faults).toEqual([]);
});

test('E12 E13: two archivers that race name every position once', async () => {
  const around = await world();
  await around.log.append(TOPIC, events(LENGTH, 6));
  const states = await Promise.all(
    [archiver(around, 11), archiver(around, 17)].map((a) => a.archiveUntilEnd([0], never)),
  );
  expect(states.map((state) => archivedEnd(state, 0))).toEqual([LENGTH, LENGTH]);
  expect(await archived(around)).toEqual(await classified(around));
});

test('E9: an archiver that starts anew reads the horizon before its first file', async () => {
  const around = await world();
  const copy = event('s', START, 1);
  await around.log.append(TOPIC, [copy, ...events(10, 1, START + 60_000)]);
  await archiver(around).archiveUntilEnd([0], never);
  await around.log.append(TOPIC, [copy, event('s', START + 1, 1)]);
  await archiver(around).archiveUntilEnd([0], never);
  expect((await archived(around)).slice(-2)).toEqual([
    [11, RecordClass.duplicate],
    [12, RecordClass.applied],
  ]);
});

test('E0: archiving begins at the origin, which the chain itself remembers', async () => {
  const around = await world();
  await around.log.append(TOPIC, events(60, 6));
  await around.log.trim(TOPIC, 0, 21);
  const state = await archiver(around).archiveUntilEnd([21], never);
  expect(state.origins).toEqual([21]);
  expect(state.files[0]?.from).toBe(21);
  expect(await archived(around)).toEqual(await classified(around, 21));
});

test('E10: positions without a record are archived as control', async () => {
  const around = await world();
  await around.log.append(TOPIC, [event('s', START, 1)]);
  around.log.addControl(TOPIC, 0, 20);
  await around.log.append(TOPIC, [event('s', START + 1, 1)]);
  const state = await archiver(around).archiveUntilEnd([0], never);
  expect(archivedEnd(state, 0)).toBe(22);
  expect(state.files.reduce((sum, file) => sum + file.counts.control, 0)).toBe(20);
});

test('E13: a log that starts past the end of the archive is refused, and nothing is archived past the hole', async () => {
  const around = await world();
  await around.log.append(TOPIC, events(30, 6));
  await archiver(around).archiveUntilEnd([0], never);
  await around.log.append(TOPIC, events(30, 7));
  await around.log.trim(TOPIC, 0, 40);
  await expect(archiver(around).archiveUntilEnd([0], never)).rejects.toMatchObject({
    code: 'LOG_LOST_BEFORE_ARCHIVE',
    facts: { partition: 0, from: 30, start: 40 },
  });
  expect(archivedEnd(await around.archive.head(readings.name), 0)).toBe(30);
});
