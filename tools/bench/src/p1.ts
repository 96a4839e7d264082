import path from 'node:path';
import {
  BatchLayer,
  buildAndPromote,
  collect,
  COLLECT_DEFAULTS,
  emptyMemory,
  letGoOf,
  rollBackTo,
  unseen,
  type BatchPorts,
} from '@twofold/batch-layer';
import { nothingSelected, parseCondition } from '@twofold/corrections';
import { SensorEvents } from '@twofold/event-generator';
import { liveRelease } from '@twofold/releases';
import { runSpeedLayer } from '@twofold/speed-layer';
import { batchPorts } from './batch-ports.ts';
import { makeLog, sensorReadings, silent, TOPIC } from './bench-log.ts';
import { quantile } from './http-load.ts';
import { measure, type Measurement } from './measure.ts';
import { cpuSecondsOf } from './process-cost.ts';
import { newStore } from './run-speed.ts';
import { startServer } from './start-server.ts';
import { switchedViews as views } from './switched-views.ts';
import { SwitchReaders } from './switch-readers.ts';

const SENSORS = 20;
const EVENTS = 4_000;
const RATE = 1;
/** Switches between two collections, as many as there may be in a few minutes of a busy schedule. */
const COLLECT_EVERY = 20;
/** So many as a client that pages for some seconds goes past. */
const RESTORABLE = 24;
/** How long a promoted release is served before it is put back, so that readers meet it as often as the other. */
const SERVED_MS = 100;

/** Promotions and rollbacks one after the other, two views each, while readers ask both and a client pages. */
export async function p1(of: { readonly switches: number; readonly reads: number }): Promise<Measurement[]> {
  const bench = await makeLog(EVENTS, new SensorEvents({ sensors: SENSORS, ratePerSecond: RATE }));
  const directory = path.join(bench.directory, 'store');
  const store = await newStore(bench, views, directory);
  const { log, clock } = bench;
  const ports = batchPorts(bench, store);
  const stop = new AbortController();
  const speed = runSpeedLayer(
    { streams: [{ stream: sensorReadings, topic: TOPIC }], views },
    { log, store, clock, logger: silent },
    stop.signal,
  );
  const server = await startServer([directory, 'p1']);
  try {
    const switches = await prepare(ports, stop.signal);
    const readers = new SwitchReaders(server.port, SENSORS, Date.UTC(2026, 0, 1));
    await readers.learn();
    await switches.promote();
    await readers.learn();
    await switches.rollBack();
    const workload = `P1 ${of.switches} promotions and ${of.switches} rollbacks under reads`;
    const program = 'store + API in two processes, two views each';
    const times = { promote: new Float64Array(of.switches), rollBack: new Float64Array(of.switches) };
    const measured = await measure({ workload, program, unit: 'reads' }, async () => {
      const before = cpuSecondsOf(server.child.pid ?? 0);
      readers.start();
      for (let n = 0; n < of.switches || readers.reads < of.reads; n++) {
        const promoteMs = await switches.promote();
        await clock.sleep(SERVED_MS);
        const rollBackMs = await switches.rollBack();
        if (n < of.switches) [times.promote[n], times.rollBack[n]] = [promoteMs, rollBackMs];
      }
      await readers.stop();
      const childCpuSeconds = cpuSecondsOf(server.child.pid ?? 0) - before;
      return { units: readers.reads, childCpuSeconds, checksum: () => `${readers.summary()}; ${timesText(times)}` };
    });
    return [measured];
  } finally {
    server.child.kill();
    stop.abort();
    await speed.done;
    await ports.engine.close();
    await store.close();
    await bench.close();
  }
}

interface Switches {
  /** Makes the corrected release live; milliseconds from when it was built to when it is served. */
  promote(): Promise<number>;
  /** Puts the release before it back; milliseconds. */
  rollBack(): Promise<number>;
}

/** Archives everything, promotes it, and prepares a correction that changes each answer of both views. */
async function prepare(ports: BatchPorts, signal: AbortSignal): Promise<Switches> {
  const { store, clock } = ports;
  const { name } = sensorReadings;
  const project = { id: 'bench', streams: [{ stream: sensorReadings, topic: TOPIC }], views };
  const layer = new BatchLayer(project, ports);
  await layer.recompute(views, signal);
  const where = parseCondition('pressure > 100');
  const note = { reason: 'a benchmark', ticket: null, author: 'bench', approver: null, idempotencyKey: 'p1' };
  const asked = { stream: name, kind: 'retract', selection: { ...nothingSelected, where }, rows: null } as const;
  const plan = await layer.corrections.plan({ ...asked, everything: false, ...note }, signal);
  const { fingerprint } = plan;
  const { correction } = await layer.corrections.apply(plan.id, { fingerprint, gates: [], preview: true }, signal);
  const lists = new Map([[name, [...plan.base, correction]]]);
  const memory = emptyMemory();
  let base = '';
  let made = 0;
  return {
    promote: async () => {
      const row = await store.control.read();
      if (row === null) throw new RangeError('there is a control row');
      base = liveRelease(row).id;
      let built = 0;
      const result = await buildAndPromote(views, ports, signal, { chooseCut: (_, __, from) => from, lists }, () => {
        built = performance.now();
        return Promise.resolve(unseen);
      });
      const ms = performance.now() - built;
      if (result.release === null) throw new RangeError('nothing was promoted');
      if (++made % COLLECT_EVERY === 0)
        await collect(ports, signal, { ...COLLECT_DEFAULTS, restorable: RESTORABLE }, memory);
      return ms;
    },
    rollBack: async () => {
      const began = performance.now();
      await rollBackTo({ release: base, views: null }, project, ports, signal);
      const ms = performance.now() - began;
      await letGoOf(null, { store, clock }, signal);
      return ms;
    },
  };
}

function timesText(times: Readonly<Record<string, Float64Array>>): string {
  return Object.entries(times)
    .map(([name, values]) => {
      const sorted = values.slice().sort();
      const shown = [0.5, 0.99, 1].map((share) => quantile(sorted, share).toFixed(1));
      return `${name} p50 ${shown[0]}, p99 ${shown[1]}, max ${shown[2]} ms`;
    })
    .join('; ');
}
