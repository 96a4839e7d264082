import { SensorEvents } from '@twofold/event-generator';
import type { Servers } from '../run-services.ts';
import { ServerProject } from '../server-project.ts';
import { cpuSecondsOf, type Rate } from './rate.ts';

const MESSAGES = 300_000;
const APPEND = 5_000;

/** The speed layer as a process: from records that are in Kafka to rows and progress that Cassandra has acknowledged. */
export async function kafkaToCassandra(servers: Servers): Promise<readonly Rate[]> {
  return [await rateAt(servers, 500_000), await rateAt(servers, 10_000)];
}

async function rateAt(servers: Servers, ratePerSecond: number): Promise<Rate> {
  const plant = await ServerProject.make(servers);
  try {
    const batch = await plant.start('batch');
    const speed = await plant.start('speed');
    await Promise.all([batch.ready(), speed.ready()]);
    const platform = await plant.openToWrite();
    // It would archive beside: what is asked for is the speed layer's cost.
    for (const each of [batch, speed]) each.signal('SIGSTOP');
    const events = new SensorEvents({ seed: 42, ratePerSecond });
    for (let sent = 0; sent < MESSAGES; sent += APPEND)
      await platform.events.append(plant.topic('sensor-readings'), events.take(APPEND));
    const begun = performance.now();
    const before = cpuSecondsOf(speed.pid);
    speed.signal('SIGCONT');
    await plant.fresh(platform);
    const wallSeconds = (performance.now() - begun) / 1_000;
    const cpuSeconds = cpuSecondsOf(speed.pid) - before;
    await platform.close();
    const micros = ((1e6 * cpuSeconds) / MESSAGES).toFixed(2);
    return {
      what: `Kafka to flushed Cassandra rows, 10,000 sensors, ${ratePerSecond.toLocaleString('en-GB')} per event-second`,
      program: 'twofold speed, two views and an alarm',
      ...{ unit: 'messages', units: MESSAGES, wallSeconds, cpuSeconds },
      remarks: `${micros} µs of CPU a message; it first takes its partitions back, after having been stopped`,
    };
  } finally {
    for (const each of plant.processes) each.signal('SIGCONT');
    await plant.remove();
  }
}
