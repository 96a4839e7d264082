import type { SpeedRow, SpeedRowQuery, ViewStore } from '@twofold/view-store';
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

interface SpeedReads {
  readonly buckets: Set<number>;
  readonly signals: (AbortSignal | undefined)[];
  readonly rows: Promise<readonly SpeedRow[]>;
}

/** Reads of the same slices for different buckets are one read of all of these. */
function joinSpeedReads(speedRows: ViewStore['speedRows']): ReadPorts['store']['speedRows']['read'] {
  const waiting = new Map<string, SpeedReads>();
  const begin = (name: string, query: SpeedRowQuery): SpeedReads => {
    const buckets = new Set<number>();
    const signals: (AbortSignal | undefined)[] = [];
    const rows = new Promise<readonly SpeedRow[]>((resolve, reject) => {
      setImmediate(() => {
        waiting.delete(name);
        // Only a read that is for one request ends with it.
        const signal = signals.length === 1 ? signals[0] : undefined;
        speedRows.read({ ...query, buckets: [...buckets] }, signal).then(resolve, reject);
      });
    });
    const joined = { buckets, signals, rows };
    waiting.set(name, joined);
    return joined;
  };
  return async (query, signal) => {
    const { view, version, partition, startFrom, startBelow, buckets } = query;
    if (buckets === null) return speedRows.read(query, signal);
    signal?.throwIfAborted();
    const name = `${view}@${version}|${partition}|${startFrom}|${startBelow}`;
    const joined = waiting.get(name) ?? begin(name, query);
    for (const bucket of buckets) joined.buckets.add(bucket);
    joined.signals.push(signal);
    const rows = await joined.rows;
    return rows.filter(({ bucket }) => buckets.includes(bucket));
  };
}

/**
 * Requests that come in the same turn of the event loop share their reads of the control row, of progress and of
 * speed rows. A read never begins before it was asked for, so each request keeps the order of E16.
 */
export function sharedReads(store: ViewStore): ReadPorts['store'] {
  const control = joinCalls(() => store.control.read());
  const progress = new Map<string, () => ReturnType<ViewStore['progress']['read']>>();
  return {
    speedRows: { read: joinSpeedReads(store.speedRows) },
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
