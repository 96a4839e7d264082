import {
  archivedRecords,
  ArchiveError,
  createMemoryArchive,
  createMemoryBlobs,
  type ArchivedColumns,
  type ColumnArchive,
  type RemovableBlobs,
} from '@twofold/archive';
import { createJsEngine, type BatchEngine } from '@twofold/batch-engine';
import { createArchivedLog, type EventLog, type LogCursor, type LogReader } from '@twofold/event-log';
import type { Stream } from '@twofold/schemas';
import type { Ids } from '@twofold/service';
import type { Coverage } from './coverage.ts';
import type { Network } from './network.ts';
import type { Process } from './process.ts';

/** What every process sees of files: names and bytes that never change, over a network. */
export interface Files {
  readonly stored: Map<string, Uint8Array>;
  /** Files decoded before, by name: saves the simulator's time, not the services'. */
  readonly decoded: Map<string, ArchivedColumns>;
}

const failure = (what: string): Error => new ArchiveError('ARCHIVE_IO', `${what}: no answer`, { retryable: true });

/** The archive as one process has it: its own memory of the chain, over blobs that all share. */
export function simArchive(files: Files, process: Process, network: Network, ids: Ids): ColumnArchive {
  const stored = createMemoryBlobs(files.stored);
  const blobs: RemovableBlobs = {
    get: (name) => network.read(process, 'get blob', () => stored.get(name), failure),
    putIfAbsent: (name, bytes) => network.write(process, 'put blob', () => stored.putIfAbsent(name, bytes), failure),
    list: (folder) => network.read(process, 'list blobs', () => stored.list(folder), failure),
    remove: (name) => network.write(process, 'remove blob', () => stored.remove(name), failure),
  };
  return createMemoryArchive({ ids, blobs });
}

/** The engine folds files as manifests name them; a file is decoded once. */
export function simEngine(archive: ColumnArchive, files: Files): BatchEngine {
  return createJsEngine(async (source, stream) => {
    const decoded = files.decoded.get(source.path);
    if (decoded !== undefined) return decoded;
    if (source.archived === undefined) throw new ArchiveError('FILE_MISSING', `${source.path} is in no manifest`);
    const columns = await archive.readColumns(stream, source.archived);
    files.decoded.set(source.path, columns);
    return columns;
  });
}

/** The log over a network, and below its start the archive. */
export function simLog(
  parts: {
    readonly log: EventLog;
    readonly archive: ColumnArchive;
    readonly streams: readonly { readonly stream: Stream; readonly topic: string }[];
    readonly coverage: Coverage;
  },
  process: Process,
  network: Network,
): LogReader {
  const { log, archive, streams, coverage } = parts;
  const streamOf = (topic: string): Stream => {
    const found = streams.find((each) => each.topic === topic);
    if (found === undefined) throw new RangeError(`no stream has topic ${topic}`);
    return found.stream;
  };
  const far: LogReader = {
    identity: (topic) => network.read(process, 'log identity', () => log.identity(topic), failure),
    partitions: (topic) => network.read(process, 'log partitions', () => log.partitions(topic), failure),
    open: (topic, partition): LogCursor => {
      const cursor = log.open(topic, partition);
      return {
        read: (from, options) => network.read(process, 'read log', () => cursor.read(from, options), failure),
        close: () => cursor.close(),
      };
    },
  };
  const archived = archivedRecords(archive, streamOf);
  return createArchivedLog(far, {
    ...archived,
    read: (topic, partition, from, to) => {
      coverage.archiveReadsThroughLog++;
      return archived.read(topic, partition, from, to);
    },
  });
}
