import type { LogReader } from '@twofold/event-log';
import { TwofoldError } from '@twofold/schemas';
import type { VirtualClock } from '@twofold/service/testing';
import { StoreError, type ViewStore } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { PartitionWorker, type SpeedPorts } from '../src/partition-worker.ts';
import type { SideFold } from '../src/side-folds.ts';
import { perSensor, readings, TOPIC, type surroundings } from './sample.ts';

export const OPTIONS = { flushMs: 50, controlMs: 200, readBytes: 400, pendingBytes: 64 << 20 };

/** A process that was ended from outside, in the middle of what it did. */
export class Killed extends TwofoldError<'KILLED'> {
  override readonly name = 'Killed';
}

/** What every write of the store goes through: `before` may throw, or wait for ever. */
export function watched(store: ViewStore, before: (kind: 'rows' | 'ledger' | 'progress') => void): ViewStore {
  return {
    ...store,
    speedRows: {
      ...store.speedRows,
      write: async (rows, signal) => {
        before('rows');
        await store.speedRows.write(rows, signal);
      },
    },
    ledger: {
      ...store.ledger,
      write: async (entries, letters, signal) => {
        before('ledger');
        await store.ledger.write(entries, letters, signal);
      },
    },
    progress: {
      ...store.progress,
      write: async (records, signal) => {
        before('progress');
        await store.progress.write(records, signal);
      },
    },
  };
}

export function unavailable(): StoreError {
  return new StoreError('STORE_UNAVAILABLE', 'not now', { retryable: true });
}

/** Starts one worker; `stop` ends it as an operator does. */
export function startWorker(
  around: ReturnType<typeof surroundings>,
  given: {
    readonly store?: ViewStore;
    readonly log?: LogReader;
    readonly sides?: readonly SideFold[];
    readonly views?: readonly View[];
  } = {},
) {
  const stop = new AbortController();
  const { clock, logger } = around;
  const ports: SpeedPorts = { log: given.log ?? around.log, store: given.store ?? around.store, clock, logger };
  const task = { stream: readings, topic: TOPIC, partition: 0, views: given.views ?? [perSensor] };
  const ended: { error: unknown } = { error: null };
  const done = new PartitionWorker(task, ports, OPTIONS, given.sides ?? []).run(stop.signal).catch((error: unknown) => {
    ended.error = error;
  });
  return {
    ended,
    stop: async () => {
      stop.abort();
      await around.clock.advance(10_000);
      await done;
    },
  };
}

export async function passes(clock: VirtualClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 25) await clock.advance(25);
}

/** Position that the base lane of partition 0 has proved. */
export async function baseNext(store: ViewStore): Promise<number> {
  const records = await store.progress.read({ view: perSensor.name, version: 1 });
  return records.find((record) => record.lane === 'base' && record.partition === 0)?.next ?? -1;
}
