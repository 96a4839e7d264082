import path from 'node:path';
import { createParquetArchive } from '@twofold/archive-parquet';
import { LogArchiver, recomputeViews } from '@twofold/batch-layer';
import { createDuckDbEngine } from '@twofold/batch-engine-duckdb';
import { SensorEvents } from '@twofold/event-generator';
import { runSpeedLayer } from '@twofold/speed-layer';
import type { ViewStore } from '@twofold/view-store';
import { byMinute, makeLog, sensorReadings, silent, TOPIC, type BenchLog } from './bench-log.ts';
import { newStore } from './run-speed.ts';

export interface StraddlingStore {
  readonly bench: BenchLog;
  readonly store: ViewStore;
  /** Where the store lies, for other processes. */
  readonly directory: string;
  /** End of the hour that has the cut in its middle, milliseconds since 1970. */
  readonly hourEnd: number;
}

const SENSORS = 10_000;
/** Each sensor about every 45 seconds: no minute is empty. */
const RATE = SENSORS / 45;
const MINUTES = 90;
/** The cut lies here: the last hour is half batch rows, half speed rows. */
const CUT_MINUTE = 60;

/** An hour and a half of minutes of 10,000 sensors: batch rows of the first hour, speed rows of the rest, no cut at a slice end. */
export async function straddlingStore(): Promise<StraddlingStore> {
  const events = new SensorEvents({ sensors: SENSORS, ratePerSecond: RATE });
  const minute = Math.floor(RATE * 60);
  const bench = await makeLog(CUT_MINUTE * minute, events);
  const directory = path.join(bench.directory, 'store');
  const store = await newStore(bench, [byMinute], directory);
  await promoteAll(bench, store);
  for (let at = CUT_MINUTE; at < MINUTES; at++) await bench.log.append(TOPIC, events.take(minute));
  await foldAll(bench, store);
  const start = Date.UTC(2026, 0, 1);
  return { bench, store, directory, hourEnd: start + (MINUTES - 1) * 60_000 };
}

async function promoteAll({ directory, log, clock, ids }: BenchLog, store: ViewStore): Promise<void> {
  const archive = createParquetArchive({ directory: path.join(directory, 'archive'), ids });
  const ports = { log, archive, clock, logger: silent };
  const archiver = new LogArchiver({ stream: sensorReadings, topic: TOPIC }, ports);
  const { signal } = new AbortController();
  await archiver.archiveUntilEnd([0], signal);
  await archiver.close();
  const spillDirectory = path.join(directory, 'spill');
  const engine = createDuckDbEngine({ threads: 1, memoryLimitBytes: 2 ** 30, spillDirectory, clock });
  await recomputeViews([byMinute], { ...ports, engine, store, ids }, signal);
  await engine.close();
}

async function foldAll({ log, clock }: BenchLog, store: ViewStore): Promise<void> {
  const stop = new AbortController();
  const task = { streams: [{ stream: sensorReadings, topic: TOPIC }], views: [byMinute] };
  const layer = runSpeedLayer(task, { log, store, clock, logger: silent }, stop.signal);
  const end = (await log.partitions(TOPIC))[0]?.end ?? 0;
  const folded = async (): Promise<boolean> =>
    (await store.progress.read({ view: byMinute.name, version: byMinute.version })).some(
      ({ lane, next }) => lane === 'base' && next >= end,
    );
  while (!(await folded())) await clock.sleep(50);
  // Sealed slices are merged into wide ones meanwhile, as they are in a layer that runs for long.
  await clock.sleep(3_000);
  stop.abort();
  await layer.done;
}
