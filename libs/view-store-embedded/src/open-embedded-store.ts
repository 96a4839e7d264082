import type { Clock, Ids } from '@twofold/service';
import { StoreError, type ViewStore } from '@twofold/view-store';

import type { Access } from './access.ts';
import { embeddedControl } from './embedded-control.ts';
import { embeddedJobs } from './embedded-jobs.ts';
import { embeddedLedger } from './embedded-ledger.ts';
import { embeddedParts, freeRemoved } from './embedded-parts.ts';
import { embeddedProgress } from './embedded-progress.ts';
import { embeddedRuns } from './embedded-runs.ts';
import { embeddedSpeedRows } from './embedded-speed-rows.ts';
import { eraseFreed } from './erase/erase-freed.ts';
import { StoreReader } from './reads/store-reader.ts';
import { noStoreYet, openForReading, openForWriting, storeFileIn } from './store-file.ts';
import { storeFailure } from './store-failure.ts';
import { incarnationOf, register } from './store-registry.ts';
import { StoreWriter } from './writes/store-writer.ts';

export interface EmbeddedStoreOptions {
  /** Data folder; made when it is not there. */
  readonly directory: string;
  readonly project: string;
  readonly ids: Ids;
  readonly clock: Pick<Clock, 'now'>;
  /** `read`: every change is refused with STORE_READ_ONLY, and the store must be there already. */
  readonly mode: 'write' | 'read';
  /** Told of each WRITE_CONFLICT. Without it, writes of equal offsets are not compared. */
  readonly onConflict?: (error: StoreError) => void;
}

/**
 * A handle on the project's store in a data folder. Many may be open at once, in any thread and process. What was
 * acknowledged outlives a killed process and a loss of power.
 * @throws STORE_READ_ONLY, STORE_DISK_FULL, STORE_FORMAT_UNKNOWN, STORE_DAMAGED, STORE_UNAVAILABLE
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<ViewStore> {
  const file = storeFileIn(options.directory);
  try {
    return openHandle(options, file);
  } catch (error) {
    throw storeFailure(error, file);
  }
}

function openHandle(options: EmbeddedStoreOptions, file: string): ViewStore {
  const { project, mode, onConflict } = options;
  const now = options.clock.now();
  const db = mode === 'write' ? openForWriting(file, now) : openForReading(file);
  try {
    if (mode === 'write') {
      register(db, project, options.ids.next(), now);
      // From here on this connection reads; the writing thread has one of its own.
      db.exec('PRAGMA query_only = ON');
    }
    const incarnation = incarnationOf(db, project);
    if (incarnation === null) throw noStoreYet(file);
    const reader = new StoreReader(db, file, project, incarnation);
    const reportConflicts = onConflict !== undefined;
    const writer =
      mode === 'write' ? new StoreWriter({ file, project, incarnation, reportConflicts }, onConflict) : null;
    writer?.start();
    return handleOf(reader, writer);
  } catch (error) {
    if (db.isOpen) db.close();
    throw error;
  }
}

function handleOf(reader: StoreReader, writer: StoreWriter | null): ViewStore {
  const access: Access = {
    reader,
    write: async (operation, buffers) => {
      reader.enter();
      if (writer === null) throw onlyReads(reader.file);
      return writer.write(operation, buffers);
    },
  };
  const [control, progress, speedRows] = [embeddedControl(access), embeddedProgress(access), embeddedSpeedRows(access)];
  return {
    incarnation: reader.incarnation,
    speedRows,
    progress,
    ledger: embeddedLedger(access),
    parts: embeddedParts(access),
    control,
    runs: embeddedRuns(access),
    jobs: embeddedJobs(access),
    // A look at the store costs nothing here.
    unproved: {
      control: (signal) => control.read(signal),
      progress: (of, signal) => progress.read(of, signal),
      speedRows: (query, signal) => speedRows.read(query, signal),
    },
    erase: async () => {
      reader.enter();
      if (writer === null) throw onlyReads(reader.file);
      await freeRemoved(access.write);
      return eraseFreed(reader.file);
    },
    close: async () => {
      reader.close();
      await writer?.close();
    },
  };
}

function onlyReads(file: string): StoreError {
  return new StoreError('STORE_READ_ONLY', `the view store ${file} was opened to read only`, { facts: { file } });
}
