import { LogError, defaultMaxRecordBytes } from '@twofold/event-log';
import type { Clock, Fs, FsLock, Ids, Logger } from '@twofold/service';
import { makeDurableFolder } from './durable-folder.ts';
import { EmbeddedLog } from './embedded-log.ts';
import { EmbeddedLogReader, type FollowedLog } from './embedded-log-reader.ts';
import { GroupCommit } from './group-commit.ts';
import { ioFailure } from './log-failures.ts';
import { readMeta, writeMeta } from './meta-file.ts';
import type { TornTail } from './open-partition.ts';

export interface EmbeddedLogOptions {
  /** The folder of the log; made when it is not there. */
  readonly directory: string;
  readonly fs: Fs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly mode: 'write';
  /** A segment is closed when the next group would make it larger; at most 1 GiB. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** Key and value of a record together. Default 1 MiB. */
  readonly maxRecordBytes?: number;
  /** Waits so long for more appends before each sync; 0, the default, gathers only while a sync is under way. */
  readonly fsyncIntervalMs?: number;
  /** Told to whoever wants to open the log as well: who has it. Default: the process's id. */
  readonly holder?: string;
  readonly logger?: Logger;
  /** Called for each torn tail that opening cut off. */
  readonly onTornTail?: (tail: TornTail) => void;
}

export interface EmbeddedLogReadOptions {
  readonly directory: string;
  readonly fs: Fs;
  readonly clock: Clock;
  readonly mode: 'read';
  /** How long a reader at the end sleeps between two looks. Default 5. */
  readonly pollMs?: number;
}

const logFile = 'log.json';
const holderFile = 'lock.holder.json';
const largestSegmentBytes = 1_073_741_824;

/**
 * Opens the log of a folder. In mode `write` it is this process's alone until it is closed or the process dies; in
 * mode `read` it can be followed beside its writer, as far as the writer has made it durable.
 *
 * @throws LOG_LOCKED, LOG_DAMAGED, LOG_FORMAT_UNKNOWN, LOG_DISK_FULL, LOG_IO; the files are then as they were
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog>;
export async function openEmbeddedLog(options: EmbeddedLogReadOptions): Promise<FollowedLog>;
export async function openEmbeddedLog(
  options: EmbeddedLogOptions | EmbeddedLogReadOptions,
): Promise<EmbeddedLog | FollowedLog> {
  try {
    return options.mode === 'read' ? await openToRead(options) : await openToWrite(options);
  } catch (error) {
    throw ioFailure(`opening the event log in "${options.directory}"`, error);
  }
}

async function openToRead(options: EmbeddedLogReadOptions): Promise<FollowedLog> {
  const { fs, directory, clock, pollMs = 5 } = options;
  if ((await readMeta(fs, directory, logFile)) === null) {
    throw new LogError('LOG_IO', `there is no event log in "${directory}"; start what writes it first`, {
      retryable: true,
      facts: { directory },
    });
  }
  return new EmbeddedLogReader({ fs, directory, clock, pollMs });
}

async function openToWrite(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { fs, directory, clock, ids, logger } = options;
  await makeDurableFolder(fs, directory);
  const lock = await takeLock(options);
  const commit = new GroupCommit(clock, options.fsyncIntervalMs ?? 0, logger);
  const settings = {
    directory,
    fs,
    clock,
    ids,
    segmentBytes: Math.min(options.segmentBytes ?? 67_108_864, largestSegmentBytes),
    maxRecordBytes: options.maxRecordBytes ?? defaultMaxRecordBytes,
    onTornTail: (tail: TornTail): void => {
      logger?.warn('cut off records that were never acknowledged', { ...tail });
      options.onTornTail?.(tail);
    },
  };
  const log = new EmbeddedLog(settings, lock, commit);
  try {
    if ((await readMeta(fs, directory, logFile)) === null) {
      await makeDurableFolder(fs, `${directory}/topics`);
      await writeMeta(fs, directory, logFile, { kind: 'twofold event log', identity: ids.next() });
    }
    await fs.syncFolder(directory);
    await log.openTopics();
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
}

async function takeLock(options: EmbeddedLogOptions): Promise<FsLock> {
  const { fs, directory, clock, holder = `process ${process.pid}` } = options;
  const lock = await fs.lock(`${directory}/lock`);
  if (lock === null) {
    const held = await readMeta(fs, directory, holderFile).catch(() => null);
    const by = String(held?.['holder'] ?? 'another process');
    throw new LogError(
      'LOG_LOCKED',
      `the event log in "${directory}" is open for writing by ${by}; stop that one first, ` +
        `or choose another folder. Reading beside it is possible`,
      { retryable: true, facts: { directory, holder: by, since: held?.['since'] ?? null } },
    );
  }
  try {
    await writeMeta(fs, directory, holderFile, { holder, since: new Date(clock.now()).toISOString() });
  } catch (error) {
    await lock.release();
    throw error;
  }
  return lock;
}
