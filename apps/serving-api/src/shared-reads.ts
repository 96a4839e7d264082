import type { ControlRow } from '@twofold/releases';
import type {
  ProgressRecord,
  SpeedRow,
  SpeedRowQuery,
  UnprovedReads,
  ViewStore,
  ViewVersion,
} from '@twofold/view-store';

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
function joinSpeedReads(speedRows: UnprovedReads['speedRows']): UnprovedReads['speedRows'] {
  const waiting = new Map<string, SpeedReads>();
  const begin = (name: string, query: SpeedRowQuery): SpeedReads => {
    const buckets = new Set<number>();
    const signals: (AbortSignal | undefined)[] = [];
    const rows = new Promise<readonly SpeedRow[]>((resolve, reject) => {
      setImmediate(() => {
        waiting.delete(name);
        // Only a read that is for one request ends with it.
        const signal = signals.length === 1 ? signals[0] : undefined;
        speedRows({ ...query, buckets: [...buckets] }, signal).then(resolve, reject);
      });
    });
    const joined = { buckets, signals, rows };
    waiting.set(name, joined);
    return joined;
  };
  return async (query, signal) => {
    const { view, version, partition, startFrom, startBelow, buckets } = query;
    if (buckets === null) return speedRows(query, signal);
    signal?.throwIfAborted();
    const name = `${view}@${version}|${partition}|${startFrom}|${startBelow}`;
    const joined = waiting.get(name) ?? begin(name, query);
    for (const bucket of buckets) joined.buckets.add(bucket);
    joined.signals.push(signal);
    const rows = await joined.rows;
    return rows.filter(({ bucket }) => buckets.includes(bucket));
  };
}

type ReadProgress = (of: ViewVersion) => Promise<readonly ProgressRecord[]>;

function joinProgressReads(read: ReadProgress): ReadProgress {
  const ofViews = new Map<string, () => ReturnType<ReadProgress>>();
  return ({ view, version }) => {
    const name = `${view}@${version}`;
    const joined = ofViews.get(name) ?? joinCalls(() => read({ view, version }));
    ofViews.set(name, joined);
    return joined();
  };
}

/** The reads of a store that requests share. */
export interface SharedReads {
  readonly control: { read(): Promise<ControlRow | null> };
  readonly progress: { readonly read: ReadProgress };
  readonly unproved: UnprovedReads;
}

/**
 * Requests that come in the same turn of the event loop share their reads of the control row, of progress and of
 * speed rows. A read never begins before it was asked for, so each request keeps the order of E16.
 */
export function sharedReads(store: ViewStore): SharedReads {
  const { unproved } = store;
  return {
    control: { read: joinCalls(() => store.control.read()) },
    progress: { read: joinProgressReads((of) => store.progress.read(of)) },
    unproved: {
      control: joinCalls(() => unproved.control()),
      progress: joinProgressReads((of) => unproved.progress(of)),
      speedRows: joinSpeedReads((query, signal) => unproved.speedRows(query, signal)),
    },
  };
}
