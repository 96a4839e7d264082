import path from 'node:path';
import { SensorEvents } from '@twofold/event-generator';
import { runSpeedLayer } from '@twofold/speed-layer';
import { makeLog, sensorSeconds, silent, TOPIC } from './bench-log.ts';
import { FreshnessRun } from './freshness-run.ts';
import { measure, type Measurement } from './measure.ts';
import { MemoryWatch } from './memory-watch.ts';
import { newStore } from './run-speed.ts';

const RATE = 10_000;
/** A long run judges the memory from this minute on: caches are full by then, and the code is compiled. */
const WARM_MINUTES = 3;

/** Freshness at 10,000 messages a second: log, speed layer and merged answers in one process, everything durable. */
export async function w7(of: { readonly seconds: number } | { readonly minutes: number }): Promise<Measurement[]> {
  const long = 'minutes' in of;
  const seconds = long ? (of.minutes + WARM_MINUTES) * 60 : of.seconds;
  const events = new SensorEvents({ ratePerSecond: RATE, startMs: Date.now() });
  const bench = await makeLog(0, events);
  const folder = path.join(bench.directory, 'store');
  const store = await newStore(bench, [sensorSeconds], folder);
  const stop = new AbortController();
  const ports = { log: bench.log, store, clock: bench.clock, logger: silent };
  const layer = runSpeedLayer(
    { streams: [{ stream: sensorSeconds.stream, topic: TOPIC }], views: [sensorSeconds] },
    ports,
    stop.signal,
  );
  const memory = new MemoryWatch(path.join(folder, 'views.sqlite-wal'), (line) => {
    if (long) process.stderr.write(`${line}\n`);
  });
  try {
    const run = new FreshnessRun(bench, store, RATE, seconds);
    const workload = `W7 freshness at ${RATE.toLocaleString('en')} messages a second`;
    const program = 'log + speed layer + answers, one process';
    const judged = long ? `the last ${of.minutes} minutes` : 'the second half';
    const checksum = (): string =>
      `${run.summary()}; resident size ${memory.slopeFrom(long ? WARM_MINUTES : seconds / 120).toFixed(1)} MB/min over ${judged}`;
    return [
      await measure({ workload, program, unit: 'messages' }, async () => {
        const units = await run.run(events, seconds);
        if (long) run.minutes().forEach((line, minute) => process.stderr.write(`minute ${minute + 1}: ${line}\n`));
        return { units, checksum };
      }),
    ];
  } finally {
    memory.stop();
    stop.abort();
    await layer.done;
    await store.close();
    await bench.close();
  }
}
