import path from 'node:path';
import { registeredView } from '@twofold/batch-layer';
import { registerProject } from '@twofold/releases';
import { runSpeedLayer } from '@twofold/speed-layer';
import type { SpeedRow, ViewStore } from '@twofold/view-store';
import { openEmbeddedStore } from '@twofold/view-store-embedded';
import { createAccumulator, decodeChunk, type View } from '@twofold/views';
import { makeLog, sensorMinute, sensorReadings, silent, TOPIC, type BenchLog } from './bench-log.ts';
import { addPartials, ColumnSums } from './column-sums.ts';
import { measure, type Measurement, type Outcome } from './measure.ts';
import { NaiveFold } from './naive-fold.ts';

/** Log → decode → reject → dedupe → sliding minute → durable speed rows; beside a plain fold of the same, in memory only. */
export async function w1(messages: number): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const ratePerSecond of [500_000, 10_000]) {
    const workload = `W1 at ${ratePerSecond.toLocaleString('en')} per event-second`;
    const unit = 'messages';
    const bench = await makeLog(messages, ratePerSecond);
    try {
      measurements.push(
        await measure({ workload, program: 'limit: JSON.parse + Map, not durable', unit }, () =>
          new NaiveFold().run(bench.log),
        ),
        await measure({ workload, program: 'speed layer, log to durable rows', unit }, () => speedLayer(bench)),
      );
    } finally {
      await bench.close();
    }
  }
  return measurements;
}

export async function speedLayer(bench: BenchLog): Promise<Outcome> {
  const { log, clock } = bench;
  const store = await newStore(bench, sensorMinute);
  const stop = new AbortController();
  const task = { streams: [{ stream: sensorReadings, topic: TOPIC }], views: [sensorMinute] };
  const layer = runSpeedLayer(task, { log, store, clock, logger: silent }, stop.signal);
  const end = (await log.partitions(TOPIC))[0]?.end ?? 0;
  const of = { view: sensorMinute.name, version: sensorMinute.version };
  while ((await store.progress.read(of)).every((record) => record.next < end)) await clock.sleep(20);
  stop.abort();
  await layer.done;
  const rows = await store.speedRows.read({ ...of, partition: 0, buckets: null, startFrom: 0, startBelow: Infinity });
  const [ledger] = await store.ledger.totals(sensorReadings.name);
  await store.close();
  return { units: end, checksum: () => `${ledger?.applied ?? 0} rows, ${checksumOf(rows)}` };
}

/** A store in the bench's folder that knows the stream, and release 0 of one view. */
export async function newStore(bench: BenchLog, view: View, folder?: string): Promise<ViewStore> {
  const { log, clock, ids } = bench;
  const directory = folder ?? path.join(bench.directory, `store-${ids.next()}`);
  const store = await openEmbeddedStore({ directory, project: 'bench', ids, clock, mode: 'write' });
  const { name, version, fingerprint, sliceSize } = view.stream;
  const state = { version, fingerprint, sliceSize, logIdentity: await log.identity(TOPIC), origins: [0] };
  const { incarnation } = store;
  const streams = { [name]: state };
  await store.control.create(
    registerProject({ project: 'bench', incarnation, streams, views: [registeredView(view)] }),
  );
  return store;
}

/** Wide rows repeat what narrow ones hold, so only narrow ones count. */
function checksumOf(rows: readonly SpeedRow[]): string {
  const panes = createAccumulator(sensorMinute, { widthMs: 1000 });
  for (const row of rows) if (row.end - row.start === sensorReadings.sliceSize) panes.addChunk(row.bytes);
  const sums = new ColumnSums();
  for (const piece of panes.toPieces(1 << 20)) addPartials(sums, decodeChunk(sensorMinute, piece.bytes).columns);
  return `${panes.rows} panes, ${sums.toString()}`;
}
