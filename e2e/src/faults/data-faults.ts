import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { entryOf, liveRelease } from '@twofold/releases';
import { executeCql } from '@twofold/view-store-cassandra/testing';
import { sleep } from '../until.ts';
import { between, oneOf, STREAM, type Fault, type Ground } from './ground.ts';

const topicOf = ({ plant }: Ground): string => plant.topic(STREAM);
const text = (value: string): Buffer => Buffer.from(value);

const BAD_VALUES: readonly (Buffer | null)[] = [
  null,
  text(''),
  text('{"sensor_id": "s-1", "timestamp"'),
  Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]),
  text('['.repeat(5_000)),
  text('{"sensor_id":"s-1","timestamp":"2026-01-01T00:00:00Z","temperature":1e400,"vibration":1}'),
  text('{"sensor_id":"s-1","timestamp":"2024-02-30T00:00:00Z","temperature":"20.000","vibration":1}'),
  text('{"sensor_id":"s-1","timestamp":"2036-01-01T00:00:00Z","temperature":"20.000","vibration":1}'),
  text('{"__proto__":{"polluted":true},"constructor":1}'),
  text('{"sensor_id":9007199254740993,"timestamp":-1,"temperature":"NaN","vibration":null}'),
];
/** What the topic takes, and no event of a sensor has. */
const LARGE_BYTES = 900_000;
const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Faults of what others write into the log. */
const logFaults: readonly Fault[] = [
  {
    kind: 'unreadable bytes by another producer',
    weight: 1,
    strike: async (ground) => {
      const key = (n: number): Buffer | null => (n % 3 === 0 ? null : text(`k${n}`));
      await ground.other.send(
        topicOf(ground),
        BAD_VALUES.map((value, n) => ({ key: key(n), value })),
      );
    },
  },
  {
    kind: 'a record of 900 kB by another producer',
    weight: 1,
    strike: async (ground) =>
      ground.other.send(topicOf(ground), [{ key: text('large'), value: Buffer.alloc(LARGE_BYTES, 0x20) }]),
  },
  {
    kind: 'events in an aborted transaction',
    weight: 1,
    strike: async (ground) => ground.other.transact(topicOf(ground), ground.others.take(30), 'abort'),
  },
  {
    kind: 'events in a committed transaction',
    weight: 1,
    strike: async (ground) =>
      ground.others.send(30, (events) => ground.other.transact(topicOf(ground), events, 'commit')),
  },
  {
    kind: 'events in a codec of another producer’s choice',
    weight: 1,
    strike: async (ground) => {
      const codec = oneOf(ground.random, CODECS);
      await ground.others.send(100, (events) => ground.other.send(topicOf(ground), events, codec));
      return codec;
    },
  },
  { kind: 'events sent a second time', weight: 1, strike: async ({ sender }) => sender.repeat() },
  {
    kind: 'the log cut off below what is archived',
    weight: 1,
    strike: async ({ platform }) => {
      const row = await platform.store.control.read();
      const entry = row === null ? null : entryOf(row, liveRelease(row), 'plantMinute');
      if (entry === null) return 'nothing is archived yet';
      for (const [partition, below] of entry.cut.entries())
        await platform.events.trim(
          platform.topics.find(({ stream }) => stream.name === STREAM)?.topic ?? '',
          partition,
          below,
        );
      return `below ${entry.cut.join(' ')}`;
    },
  },
  {
    kind: 'the topic gets one more partition',
    weight: 0,
    atMost: 1,
    strike: async ({ platform, sender, plant }) =>
      sender.paused(async () => {
        const topic = plant.topic(STREAM);
        const partitions = (await platform.events.partitions(topic)).length + 1;
        await platform.events.ensureTopic(topic, { partitions });
        return `${partitions} now`;
      }),
  },
];

const noDisk = ({ archiveDisk }: Ground): string | null =>
  archiveDisk === null ? 'this user may not mount a disk of its own' : null;

/** Faults of the archive's disk, and of what others do to the store. */
const storageFaults: readonly Fault[] = [
  {
    kind: 'the archive’s disk is full',
    weight: 1,
    missing: noDisk,
    strike: async ({ plant, random }) => {
      const filler = path.join(plant.archiveFolder, 'filler');
      try {
        fill(plant.archiveFolder, filler);
        await sleep(between(random, 1_500, 4_000));
      } finally {
        rmSync(filler, { force: true });
      }
    },
  },
  {
    kind: 'the archive can not be written',
    weight: 1,
    missing: noDisk,
    strike: async ({ plant, random }) => {
      if (!remount(plant.archiveFolder, 'ro')) return 'a file was being written: left as it was';
      await sleep(between(random, 1_500, 4_000));
      remount(plant.archiveFolder, 'rw');
      return undefined;
    },
  },
  {
    kind: 'a column is added to a table of the store',
    weight: 0,
    atMost: 2,
    strike: async ({ plant, random }) => {
      const column = `others_${Math.floor(random.next() * 1e9)}`;
      await executeCql(plant.cassandra, `ALTER TABLE ${plant.keyspace}.speed_rows ADD ${column} text`);
    },
  },
];

/** Leaves no byte on the disk. */
function fill(folder: string, filler: string): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail - 1) * bsize));
  try {
    writeFileSync(filler, Buffer.alloc(2 * bsize), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** False when a file that is open for writing stands against it. */
function remount(folder: string, mode: 'ro' | 'rw'): boolean {
  try {
    execFileSync('mount', ['-o', `remount,${mode}`, folder], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

export const dataFaults: readonly Fault[] = [...logFaults, ...storageFaults];
