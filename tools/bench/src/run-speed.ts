import path from 'node:path';
import { registeredView } from '@twofold/batch-layer';
import { registerProject } from '@twofold/releases';
import { runSpeedLayer } from '@twofold/speed-layer';
import type { SpeedRow, ViewStore } from '@twofold/view-store';
import { openEmbeddedStore } from '@twofold/view-store-embedded';
import type { View } from '@twofold/views';
import { silent, TOPIC, type BenchLog } from './bench-log.ts';

/** What the speed layer has made of a whole log. */
export interface SpeedRun {
  /** Positions of the log. */
  readonly units: number;
  /** Records that counted. */
  readonly applied: number;
  readonly rows: (view: View) => readonly SpeedRow[];
}

/** Folds everything in the log into durable rows of some views of one stream. */
export async function runSpeed(bench: BenchLog, views: readonly View[]): Promise<SpeedRun> {
  const { log, clock } = bench;
  const [first] = views;
  if (first === undefined) throw new RangeError('the speed layer is measured with a view at least');
  const store = await newStore(bench, views);
  const stop = new AbortController();
  const task = { streams: [{ stream: first.stream, topic: TOPIC }], views };
  const layer = runSpeedLayer(task, { log, store, clock, logger: silent }, stop.signal);
  const end = (await log.partitions(TOPIC))[0]?.end ?? 0;
  for (const { name: view, version } of views)
    while ((await store.progress.read({ view, version })).every((record) => record.next < end)) await clock.sleep(20);
  stop.abort();
  await layer.done;
  const all = { partition: 0, buckets: null, startFrom: 0, startBelow: Infinity } as const;
  const rows = new Map<string, readonly SpeedRow[]>();
  for (const { name: view, version } of views) rows.set(view, await store.speedRows.read({ view, version, ...all }));
  const [ledger] = await store.ledger.totals(first.stream.name);
  await store.close();
  return { units: end, applied: ledger?.applied ?? 0, rows: (view) => rows.get(view.name) ?? [] };
}

/** A store in the bench's folder that knows the stream, and release 0 of the views. */
export async function newStore(bench: BenchLog, views: readonly View[], folder?: string): Promise<ViewStore> {
  const { log, clock, ids } = bench;
  const directory = folder ?? path.join(bench.directory, `store-${ids.next()}`);
  const store = await openEmbeddedStore({ directory, project: 'bench', ids, clock, mode: 'write' });
  const logIdentity = await log.identity(TOPIC);
  const streams = Object.fromEntries(
    views.map(({ stream: { name, version, fingerprint, sliceSize } }) => [
      name,
      { version, fingerprint, sliceSize, logIdentity, origins: [0] },
    ]),
  );
  const { incarnation } = store;
  await store.control.create(
    registerProject({ project: 'bench', incarnation, streams, views: views.map(registeredView) }),
  );
  return store;
}
