import type { ViewStore } from '@twofold/view-store';
import type { ReadPorts } from './read-view.ts';

/** Calls that are asked for before a read has begun share it: none of them sees anything older than its own call. */
function joinCalls<T>(read: () => Promise<T>): () => Promise<T> {
  let waiting: Promise<T> | null = null;
  return () => {
    waiting ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        waiting = null;
        read().then(resolve, reject);
      });
    });
    return waiting;
  };
}

/**
 * Requests that come in the same turn of the event loop share their reads of the control row and of progress. A read
 * never begins before it was asked for, so each request keeps the order of E16.
 */
export function sharedReads(store: ViewStore): ReadPorts['store'] {
  const control = joinCalls(() => store.control.read());
  const progress = new Map<string, () => ReturnType<ViewStore['progress']['read']>>();
  return {
    speedRows: store.speedRows,
    control: { read: control },
    progress: {
      read: (of) => {
        const name = `${of.view}@${of.version}`;
        const read = progress.get(name) ?? joinCalls(() => store.progress.read(of));
        progress.set(name, read);
        return read();
      },
    },
  };
}
