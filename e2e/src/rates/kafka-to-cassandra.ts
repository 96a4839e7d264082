import path from 'node:path';
import type { Platform } from '@twofold/cli';
import { SensorEvents } from '@twofold/event-generator';
import type { Servers } from '../run-services.ts';
import { ServerProject } from '../server-project.ts';
import { sleep } from '../until.ts';
import { cpuSecondsOf, type Rate } from './rate.ts';
import { profiledInto, profileOf } from './stage-shares.ts';

/** The program is compiled while it folds the first of them, which do not count. */
const WARM_MESSAGES = 2_000_000;
const MESSAGES = 12_000_000;
/** What is folded is ahead of what is acknowledged by up to a second: at the end of what counts as much as at its beginning. */
const BEHIND_MESSAGES = 2_000_000;
const APPEND = 5_000;
const LOOK_MS = 50;

/** The speed layer as a process: from records that are in Kafka to rows and progress that Cassandra has acknowledged. */
export async function kafkaToCassandra(servers: Servers): Promise<readonly Rate[]> {
  return [await rateAt(servers, 500_000), await rateAt(servers, 10_000)];
}

async function rateAt(servers: Servers, ratePerSecond: number): Promise<Rate> {
  const plant = await ServerProject.make(servers);
  const profile = path.join(path.dirname(plant.archiveFolder), 'speed.cpuprofile');
  try {
    const batch = await plant.start('batch');
    await batch.ready();
    const platform = await plant.openToWrite();
    // It would archive beside: what is asked for is the speed layer's cost.
    batch.signal('SIGSTOP');
    const events = new SensorEvents({ seed: 42, ratePerSecond });
    const topic = plant.topic('sensor-readings');
    for (let sent = 0; sent < WARM_MESSAGES + MESSAGES + BEHIND_MESSAGES; sent += APPEND)
      await platform.events.append(topic, events.take(APPEND));
    const speed = await plant.start('speed', [], profiledInto(profile));
    const from = await reached(platform, speed.pid, WARM_MESSAGES);
    const profiled = profileOf(speed.pid, profile);
    const to = await reached(platform, speed.pid, WARM_MESSAGES + MESSAGES);
    const shares = await profiled.end();
    await platform.close();
    const [units, cpuSeconds] = [to.messages - from.messages, to.cpuSeconds - from.cpuSeconds];
    return {
      what: `Kafka to flushed Cassandra rows, 10,000 sensors, ${ratePerSecond.toLocaleString('en-GB')} per event-second`,
      program: 'twofold speed, two views and an alarm',
      ...{ unit: 'messages', units, wallSeconds: (to.atMs - from.atMs) / 1_000, cpuSeconds },
      remarks: `${((1e6 * cpuSeconds) / units).toFixed(2)} µs of CPU a message, sampling included, after ${from.messages} to warm up: ${shares}`,
    };
  } finally {
    for (const each of plant.processes) each.signal('SIGCONT');
    await plant.remove();
  }
}

interface Reached {
  readonly messages: number;
  readonly atMs: number;
  readonly cpuSeconds: number;
}

/** Waits until the rows and the progress of so many messages are in the store. */
async function reached({ store }: Platform, pid: number, messages: number): Promise<Reached> {
  for (;;) {
    const lanes = await store.progress.read({ view: 'sensorMinute', version: 1 });
    const now = lanes.reduce((sum, { lane, next }) => sum + (lane === 'base' ? next : 0), 0);
    if (now >= messages) return { messages: now, atMs: performance.now(), cpuSeconds: cpuSecondsOf(pid) };
    await sleep(LOOK_MS);
  }
}
