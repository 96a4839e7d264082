import { createHash } from 'node:crypto';
import { BatchLayer, buildAndPromote, unseen, type BatchPorts } from '@twofold/batch-layer';
import { nothingSelected, parseCondition } from '@twofold/corrections';
import { SensorEvents } from '@twofold/event-generator';
import { liveRelease } from '@twofold/releases';
import { runSpeedLayer } from '@twofold/speed-layer';
import { batchPorts } from './batch-ports.ts';
import { byMinuteHourAndDay, makeLog, sensorReadings, silent, TOPIC } from './bench-log.ts';
import { measure, type Measurement } from './measure.ts';
import { cpuSecondsOf } from './process-cost.ts';
import { newStore } from './run-speed.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2021, 0, 1);
const DAYS = 1_826;
const SENSORS = 20;
const views = [byMinuteHourAndDay];

/** A correction of one day in an archive of five years, and a run a day later, beside a build of everything; and byte for byte. */
export async function p2(eventsADay: number): Promise<Measurement[]> {
  const source = new SensorEvents({ sensors: SENSORS, ratePerSecond: eventsADay / 86_400, startMs: START });
  const bench = await makeLog(eventsADay * DAYS, source);
  const store = await newStore(bench, views);
  const ports = batchPorts(bench, store);
  const { log, clock } = bench;
  const stop = new AbortController();
  const speed = runSpeedLayer(
    { streams: [{ stream: sensorReadings, topic: TOPIC }], views },
    { log, store, clock, logger: silent },
    stop.signal,
  );
  const layer = new BatchLayer({ id: 'bench', streams: [{ stream: sensorReadings, topic: TOPIC }], views }, ports);
  const engineSeconds = (): number => cpuSecondsOf(ports.engine.childPid ?? 0);
  const workload = `P2 a day of five years, ${(eventsADay * DAYS).toLocaleString('en')} events`;
  const unit = 'corrections';
  try {
    await layer.recompute(views, stop.signal);
    const correction = await measure({ workload, program: 'plan, build, diff, promote', unit }, async () => {
      const before = engineSeconds();
      const checksum = await correctOneDay(layer, stop.signal);
      return { units: 1, checksum, childCpuSeconds: engineSeconds() - before };
    });
    await log.append(TOPIC, source.take(eventsADay));
    const later = await measure({ workload, program: 'the run a day later', unit: 'runs' }, async () => {
      const before = engineSeconds();
      const { facts } = await layer.recompute(views, stop.signal);
      return { units: 1, checksum: factsText(facts), childCpuSeconds: engineSeconds() - before };
    });
    const corrected = await liveBytes(ports);
    const whole = await measure({ workload, program: 'limit: everything built anew', unit }, async () => {
      const before = engineSeconds();
      const checksum = await buildEverything(ports, stop.signal);
      return { units: 1, checksum, childCpuSeconds: engineSeconds() - before };
    });
    const anew = await liveBytes(ports);
    if (anew.digest !== corrected.digest)
      throw new Error('the corrected build and the whole one differ in their bytes');
    const same = `, ${anew.parts} parts byte for byte as ${anew.digest}`;
    return [whole, correction, later].map((each) => ({ ...each, checksum: each.checksum + same }));
  } finally {
    stop.abort();
    await speed.done;
    await ports.engine.close();
    await store.close();
    await bench.close();
  }
}

async function correctOneDay(layer: BatchLayer, signal: AbortSignal): Promise<string> {
  const from = START + Math.floor(DAYS / 2) * DAY_MS;
  const selection = {
    ...nothingSelected,
    where: parseCondition('pressure > 100'),
    eventTime: { from, to: from + DAY_MS },
  };
  const note = { reason: 'a benchmark', ticket: null, author: 'bench', approver: null, idempotencyKey: 'p2' };
  const asked = { stream: sensorReadings.name, kind: 'retract', selection, rows: null, everything: false } as const;
  const plan = await layer.corrections.plan({ ...asked, ...note }, signal);
  const { fingerprint } = plan;
  const { facts } = await layer.corrections.apply(plan.id, { fingerprint, gates: [], preview: false }, signal);
  return `${plan.targets?.count ?? 0} events retracted; ${factsText(facts)}`;
}

async function buildEverything(ports: BatchPorts, signal: AbortSignal): Promise<string> {
  const again = { from: START - DAY_MS, to: START + (DAYS + 1) * DAY_MS };
  const options = { chooseCut: (_: unknown, __: number, from: number): number => from, fresh: true, again };
  const { facts } = await buildAndPromote(views, ports, signal, options, () => Promise.resolve(unseen));
  if ((facts['partsBuilt'] ?? 0) === 0) throw new Error('nothing was built anew');
  return factsText(facts);
}

function factsText(facts: Readonly<Record<string, number>>): string {
  const { recordsRead = 0, rowsWritten = 0, partsBuilt = 0, partsShared = 0 } = facts;
  const shown = (n: number): string => n.toLocaleString('en');
  return `${shown(recordsRead)} records read, ${shown(rowsWritten)} rows written, ${shown(partsBuilt)} parts built, ${shown(partsShared)} shared`;
}

interface BuildBytes {
  readonly digest: string;
  readonly parts: number;
}

/** All that a reader of the live release's parts can see, by their place in time. */
async function liveBytes({ store }: BatchPorts): Promise<BuildBytes> {
  const row = await store.control.read();
  if (row === null) throw new RangeError('there is a control row');
  const hash = createHash('sha256');
  let parts = 0;
  for (const id of Object.values(liveRelease(row).entries)) {
    const index = await store.parts.index(row.entries[id]?.build ?? '');
    for (const part of [...(index?.parts ?? [])].sort((a, b) => a.widthMs - b.widthMs || a.from - b.from)) {
      hash.update(`${part.widthMs} ${part.from} ${part.to}\n`);
      for (const { number } of await store.parts.directory(part.part)) {
        const bytes = await store.parts.chunk(part.part, number);
        if (bytes !== null) hash.update(bytes);
      }
      parts++;
    }
  }
  return { digest: hash.digest('hex').slice(0, 16), parts };
}
