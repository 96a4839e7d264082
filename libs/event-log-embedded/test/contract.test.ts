import path from 'node:path';
import type { EventLog } from '@twofold/event-log';
import { eventLogContract } from '@twofold/event-log/testing';
import { openEmbeddedLog } from '@twofold/event-log-embedded';
import { nodeFs } from '@twofold/service';
import { logClock, newFolder, openTestLog, removeFolder } from './make-log.ts';

eventLogContract('the embedded log', async ({ clock, maxRecordBytes }) => {
  const directory = await newFolder();
  const open = (): Promise<EventLog> =>
    openTestLog(directory, { clock: logClock(clock), maxRecordBytes, segmentBytes: 40_000 });
  let log = await open();
  const reopen = async (): Promise<EventLog> => {
    await log.close();
    return (log = await open());
  };
  return {
    log,
    reopen,
    recreate: async (topic) => {
      const { length: partitions } = await log.partitions(topic);
      await log.close();
      await removeFolder(path.join(directory, 'topics', topic));
      log = await open();
      await log.ensureTopic(topic, { partitions });
      return log;
    },
    dispose: () => removeFolder(directory),
  };
});

/** The same, where everything is read by a follower that only knows the files. */
eventLogContract('the embedded log, read beside its writer', async ({ clock, maxRecordBytes }) => {
  const directory = await newFolder();
  const open = async (): Promise<EventLog> => {
    const settings = { clock: logClock(clock), maxRecordBytes, segmentBytes: 40_000 };
    const writer = await openTestLog(directory, settings);
    const follower = await openEmbeddedLog({ directory, fs: nodeFs, clock: logClock(clock), mode: 'read', pollMs: 1 });
    return {
      append: (...all) => writer.append(...all),
      ensureTopic: (...all) => writer.ensureTopic(...all),
      trim: (...all) => writer.trim(...all),
      identity: (topic) => follower.identity(topic),
      partitions: (topic) => follower.partitions(topic),
      open: (...all) => follower.open(...all),
      close: async () => {
        await follower.close();
        await writer.close();
      },
    };
  };
  let log = await open();
  return {
    log,
    reopen: async () => {
      await log.close();
      return (log = await open());
    },
    recreate: async (topic) => {
      const { length: partitions } = await log.partitions(topic);
      await log.close();
      await removeFolder(path.join(directory, 'topics', topic));
      log = await open();
      await log.ensureTopic(topic, { partitions });
      return log;
    },
    dispose: () => removeFolder(directory),
  };
});
