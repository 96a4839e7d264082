import type { ViewStore } from '@twofold/view-store';
import type { Network } from './network.ts';
import type { Observer } from './observer.ts';
import type { Process } from './process.ts';

/** A handle on the store as one process has it: every call travels, may fail, may land late; every effect is observed. */
export function simStore(store: ViewStore, process: Process, network: Network, observer: Observer): ViewStore {
  const read = <T>(what: string, call: () => Promise<T>): Promise<T> => network.read(process, what, call);
  const write = <T>(what: string, call: () => Promise<T>): Promise<T> => network.write(process, what, call);
  const { speedRows, progress, ledger, parts, control, runs, jobs, unproved, incarnation } = store;
  const observedRows = async (rows: ReturnType<typeof speedRows.read>): ReturnType<typeof speedRows.read> => {
    observer.rowsRead(await rows);
    return rows;
  };
  const observedProgress = async (records: ReturnType<typeof progress.read>): ReturnType<typeof progress.read> => {
    observer.progressRead(await records);
    return records;
  };
  return {
    incarnation,
    speedRows: {
      write: (rows) => {
        const sent = rows.map((row) => ({ ...row, bytes: row.bytes.slice() }));
        return write('write speed rows', () => speedRows.write(sent));
      },
      read: (query) => read('read speed rows', () => observedRows(speedRows.read(query))),
      sweep: (of, partition, below) =>
        write('sweep speed rows', () => {
          observer.sweeps(incarnation, of, partition, below);
          return speedRows.sweep(of, partition, below);
        }),
    },
    progress: {
      write: (records) =>
        write('write progress', async () => {
          await progress.write(records);
          await observer.progressWritten(store);
        }),
      read: (of) => read('read progress', () => observedProgress(progress.read(of))),
      remove: (of, partition, lanes) =>
        write('remove progress', () => {
          observer.progressRemoved(of, partition, lanes);
          return progress.remove(of, partition, lanes);
        }),
    },
    ledger: {
      write: (entries, letters) => write('write ledger', () => ledger.write(entries, letters)),
      totals: (stream) => read('read ledger totals', () => ledger.totals(stream)),
      read: (stream, partition, from, below) => read('read ledger', () => ledger.read(stream, partition, from, below)),
      deadLetters: (stream, options) => read('read dead letters', () => ledger.deadLetters(stream, options)),
      dropDeadLetters: (stream, partition, below) =>
        write('drop dead letters', () => ledger.dropDeadLetters(stream, partition, below)),
    },
    parts: {
      writeChunks: (part, chunks) => {
        const sent = chunks.map((chunk) => ({
          ...chunk,
          bytes: chunk.bytes.slice(),
          firstKey: chunk.firstKey.slice(),
        }));
        return write('write chunks', async () => {
          await parts.writeChunks(part, network.losesBatchWrite() ? sent.slice(1) : sent);
        });
      },
      directory: (part) => read('read directory', () => parts.directory(part)),
      chunk: (part, number) => read('read chunk', () => parts.chunk(part, number)),
      writeIndex: (index) =>
        write('write index', async () => {
          if (!network.losesBatchWrite()) await parts.writeIndex(index);
        }),
      index: (build) => read('read index', () => parts.index(build)),
      list: () => read('list parts', () => parts.list()),
      remove: (ids) =>
        write('remove parts', async () => {
          await observer.removes(store, ids);
          await parts.remove(ids);
        }),
      forgetRemoved: (below) => write('forget removed parts', () => parts.forgetRemoved(below)),
    },
    control: {
      read: () => read('read control', () => control.read()),
      create: (row) =>
        write('create control', async () => {
          const created = await control.create(row);
          if (created) await observer.changed(store, row);
          return created;
        }),
      compareAndSet: (row) =>
        network.decide(process, 'compare and set control', async () => {
          const live = observer.row?.live;
          const done = await control.compareAndSet(row);
          if (done) await observer.changed(store, row);
          if (done && row.live !== live) observer.actedBy(process);
          return done;
        }),
    },
    runs: {
      put: (run) => write('put run', () => runs.put(run)),
      list: (options) => read('list runs', () => runs.list(options)),
    },
    jobs: {
      read: (job) => read('read job', () => jobs.read(job)),
      list: () => read('list jobs', () => jobs.list()),
      compareAndSet: (row) =>
        network.decide(process, 'compare and set job', async () => {
          const done = await jobs.compareAndSet(row);
          if (done) observer.jobChanged(row);
          return done;
        }),
    },
    unproved: {
      control: () => read('read control', () => unproved.control()),
      // Of a store that was lost they may give what there was: nothing follows from it.
      progress: (of) =>
        read('read progress', () => {
          const records = unproved.progress(of);
          return observer.row?.incarnation === incarnation ? observedProgress(records) : records;
        }),
      speedRows: (query) =>
        read('read speed rows', async () => {
          // What was swept, or came late, need not be right.
          if (observer.row?.incarnation === incarnation) await observedRows(speedRows.read(query));
          return unproved.speedRows(query);
        }),
    },
    erase: () => write('erase', () => store.erase()),
    close: () => store.close(),
  };
}
