import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SensorEvents } from '@twofold/event-generator';
import type { EventLog } from '@twofold/event-log';
import { openEmbeddedLog } from '@twofold/event-log-embedded';
import { decimal, float, instant, stream, text } from '@twofold/schemas';
import { nodeFs, systemClock, systemRng, ulidIds } from '@twofold/service';
import { avg, count, max, sliding, stddev, tumbling, view, type WindowDraft } from '@twofold/views';

function readingsStream(sliceSize: number) {
  return stream('sensor-readings', {
    fields: {
      sensorId: text().from('sensor_id').maxLength(64),
      at: instant('ms').from('timestamp'),
      temperature: decimal(3).between(-90, 400),
      pressure: decimal(3).optional(),
      vibration: float({ quantum: 2 ** -20 }).between(0, 1000),
    },
    id: ['sensorId', 'at'],
    eventTime: 'at',
    partitionKey: 'sensorId',
    sliceSize,
  });
}

type Readings = ReturnType<typeof readingsStream>;

/** Three metrics of each sensor by windows whose edges are full seconds. */
export function rollingView(from: Readings, window: WindowDraft) {
  return view('sensorMinute', {
    from,
    version: 1,
    dimensions: (e) => ({ sensor: e.sensorId }),
    window,
    measures: (e) => ({
      readings: count(),
      temperature: avg(e.temperature),
      pressure: avg(e.pressure),
      vibration: stddev(e.vibration),
      worst: max(e.vibration),
    }),
    levels: { '1s': '2d' },
    serve: [{ key: ['sensor'] }],
  });
}

/** W1's stream: the headline's sensors. Slices are long, as suits a catch-up over a backlog. */
export const sensorReadings = readingsStream(2 ** 17);

const everySecond = sliding('1m', { every: '1s' });

/** W1's view: a rolling minute, every second. */
export const sensorMinute = rollingView(sensorReadings, everySecond);

/** W7's: the same over slices of the default size. */
export const sensorSeconds = rollingView(readingsStream(2 ** 14), everySecond);

function sensorsByMinute(
  name: string,
  levels: Readonly<Record<'1m', 'forever'>> & Readonly<Record<string, 'forever'>>,
) {
  return view(name, {
    from: sensorReadings,
    version: 1,
    dimensions: (e) => ({ sensor: e.sensorId }),
    window: tumbling('1m'),
    measures: (e) => ({
      readings: count(),
      temperature: avg(e.temperature),
      pressure: avg(e.pressure),
      vibration: stddev(e.vibration),
      worst: max(e.vibration),
    }),
    levels,
    serve: [{ key: ['sensor'] }],
  });
}

/** W6's view: the same sensors by the minute. */
export const byMinute = sensorsByMinute('byMinute', { '1m': 'forever' });

/** P2's. */
export const byMinuteHourAndDay = sensorsByMinute('byMinuteHourAndDay', {
  ...{ '1m': 'forever', '1h': 'forever', '1d': 'forever' },
});

export const TOPIC = 'bench.sensor-readings';

export interface BenchLog {
  readonly directory: string;
  readonly log: EventLog;
  readonly clock: ReturnType<typeof systemClock>;
  readonly ids: ReturnType<typeof ulidIds>;
  close(): Promise<void>;
}

/** Messages, as many as are asked for. */
export interface MessageSource {
  take(count: number): { readonly key: Uint8Array; readonly value: Uint8Array }[];
}

/** An embedded log of one partition with so many generated messages; a number is the sensors' rate for each second of event time. */
export async function makeLog(messages: number, source: number | MessageSource): Promise<BenchLog> {
  const directory = mkdtempSync(path.join(tmpdir(), 'twofold-bench-'));
  const clock = systemClock();
  const ids = ulidIds(clock, systemRng());
  const log = await openEmbeddedLog({ directory: path.join(directory, 'log'), fs: nodeFs, clock, ids, mode: 'write' });
  await log.ensureTopic(TOPIC, { partitions: 1 });
  const events = typeof source === 'number' ? new SensorEvents({ ratePerSecond: source }) : source;
  for (let left = messages; left > 0; left -= 20_000) await log.append(TOPIC, events.take(Math.min(20_000, left)));
  const close = async (): Promise<void> => {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { directory, log, clock, ids, close };
}

export const silent = { debug() {}, info() {}, warn() {}, error() {} };
