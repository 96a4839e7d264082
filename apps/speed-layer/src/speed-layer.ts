import type { Stream } from '@twofold/schemas';
import { isTwofoldError } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { mergeSlices } from './merge-slices.ts';
import { runWanted, type Work } from './run-wanted.ts';
import {
  PartitionWorker,
  SPEED_DEFAULTS,
  type SideFold,
  type SpeedOptions,
  type SpeedPorts,
  type WorkerTask,
} from './partition-worker.ts';

export interface SpeedLayerTask {
  readonly streams: readonly { readonly stream: Stream; readonly topic: string }[];
  readonly views: readonly View[];
  /** Which partitions this process folds, asked again and again; all when absent. Two processes may fold the same one without harm (E5). */
  readonly owns?: (stream: string, partition: number) => boolean;
  /** What else folds a partition: alarms. */
  readonly sides?: (stream: Stream, partition: number, signal: AbortSignal) => Promise<readonly SideFold[]>;
}

/** Why a partition stands still: an incident is shown to operators, and readers see how old its answers are (E7, E22). */
export interface Incident {
  readonly stream: string;
  readonly partition: number;
  readonly code: string;
  readonly message: string;
}

export interface SpeedLayer {
  /** Partitions that stand still. */
  readonly incidents: readonly Incident[];
  /** Resolves when every worker has drained after the signal; rejects when the store is gone. */
  readonly done: Promise<void>;
}

const RESTART_MS = 200;
const RESTART_MS_MAX = 10_000;

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
      const views = task.views.filter((view) => view.stream.name === stream.name);
      const partitions = row?.streams[stream.name]?.origins.length ?? known.get(stream.name) ?? 0;
      known.set(stream.name, partitions);
      for (let partition = 0; partition < partitions; partition++) {
        if (task.owns?.(stream.name, partition) === false) continue;
        work.set(`${stream.name}/${partition}`, (own) =>
          keepRunning({ stream, topic, partition, views }, task, ports, options, incidents, own),
        );
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

/** Restarts a worker after a passing failure; leaves it standing after an incident; ends the process when the store is gone. */
async function keepRunning(
  work: WorkerTask,
  task: SpeedLayerTask,
  ports: SpeedPorts,
  options: SpeedOptions,
  incidents: Map<string, Incident>,
  signal: AbortSignal,
): Promise<void> {
  const { stream, partition } = work;
  const key = `${stream.name}/${partition}`;
  for (let waitMs = RESTART_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, RESTART_MS_MAX)) {
    try {
      const sides = (await task.sides?.(stream, partition, signal)) ?? [];
      incidents.delete(key);
      await new PartitionWorker(work, ports, options, sides).run(signal);
      break;
    } catch (error) {
      if (signal.aborted) break;
      if (!isTwofoldError(error) || error.code === 'STORE_GONE') throw error;
      incidents.set(key, { stream: stream.name, partition, code: error.code, message: error.message });
      ports.logger.error(`partition ${partition} of ${stream.name} stopped`, {
        code: error.code,
        message: error.message,
      });
      // An incident does not heal by trying at once; it is looked at again at the longest interval.
      await ports.clock.sleep(error.retryable ? waitMs : RESTART_MS_MAX, signal).catch(() => undefined);
    }
  }
  // Whoever has the partition now tells of it.
  incidents.delete(key);
}
