import type { Stream } from '@twofold/schemas';
import { isTwofoldError } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { keepRunning, type Incident } from './keep-running.ts';
import { mergeSlices } from './merge-slices.ts';
import { runWanted, type Work } from './run-wanted.ts';
import { PartitionWorker, SPEED_DEFAULTS, type SpeedOptions, type SpeedPorts } from './partition-worker.ts';
import type { SideFold } from './side-folds.ts';

export interface SpeedLayerTask {
  readonly streams: readonly { readonly stream: Stream; readonly topic: string }[];
  readonly views: readonly View[];
  /** Which partitions this process folds, asked again and again; all when absent. Two processes may fold the same one without harm (E5). */
  readonly owns?: (stream: string, partition: number) => boolean;
  /** What else folds a partition: alarms. */
  readonly sides?: (stream: Stream, partition: number, signal: AbortSignal) => Promise<readonly SideFold[]>;
}

export interface SpeedLayer {
  /** Partitions that stand still. */
  readonly incidents: readonly Incident[];
  /** Resolves when every worker has drained after the signal; rejects when the store is gone. */
  readonly done: Promise<void>;
}

/** Log → decode → fold → speed views → progress, for the lanes that the control row names. */
export function runSpeedLayer(
  task: SpeedLayerTask,
  ports: SpeedPorts,
  signal: AbortSignal,
  options: SpeedOptions = SPEED_DEFAULTS,
): SpeedLayer {
  const incidents = new Map<string, Incident>();
  const fatal = new AbortController();
  const stop = AbortSignal.any([signal, fatal.signal]);
  const wanted = async (): Promise<Work> => {
    const work = new Map<string, (own: AbortSignal) => Promise<void>>();
    const row = await readQuietly(ports, stop);
    for (const { stream, topic } of task.streams) {
      // A view is folded from records as its own version of the stream reads them (E4).
      const views = task.views.filter((view) => view.stream.fingerprint === stream.fingerprint);
      const partitions = row?.streams[stream.name]?.origins.length ?? known.get(stream.name) ?? 0;
      known.set(stream.name, partitions);
      for (let partition = 0; partition < partitions; partition++) {
        if (task.owns?.(stream.name, partition) === false) continue;
        // A stream may be folded in several versions, each for the views over it.
        const key = `${stream.name}@${stream.fingerprint}/${partition}`;
        const run = async (own: AbortSignal): Promise<void> => {
          const sides = (await task.sides?.(stream, partition, own)) ?? [];
          incidents.delete(key);
          await new PartitionWorker({ stream, topic, partition, views }, ports, options, sides).run(own);
        };
        work.set(key, (own) => keepRunning({ key, stream: stream.name, partition, run }, ports, incidents, own));
      }
    }
    return work;
  };
  /** Partitions by stream: a control row that can not be read for now takes nobody's work away. */
  const known = new Map<string, number>();
  const folding = runWanted({ wanted, everyMs: options.controlMs, clock: ports.clock }, stop);
  const merging = mergeSlices(
    task.streams.map(({ stream }) => stream),
    task.views,
    ports,
    stop,
  );
  // Either one's failure ends the other.
  for (const part of [folding, merging]) part.catch((error: unknown) => fatal.abort(error));
  return {
    get incidents() {
      return [...incidents.values()];
    },
    done: Promise.allSettled([folding, merging]).then(() => {
      if (fatal.signal.aborted) throw fatal.signal.reason;
    }),
  };
}

async function readQuietly(ports: SpeedPorts, signal: AbortSignal) {
  try {
    return await ports.store.control.read(signal);
  } catch (error) {
    if (signal.aborted || (isTwofoldError(error) && error.retryable)) return null;
    throw error;
  }
}
