import { Agent, request } from 'node:http';
import path from 'node:path';
import { SensorEvents } from '@twofold/event-generator';
import { PlainDriver } from '@twofold/view-store-cassandra/testing';
import type { Servers } from '../run-services.ts';
import { ServerProject } from '../server-project.ts';
import { cpuSecondsOf, type Rate } from './rate.ts';
import { repeat } from './repeat.ts';
import { profiledInto, profileOf } from './stage-shares.ts';

const MESSAGES = 60_000;
const SENSORS = 1_000;
const SECONDS = 8;
const WARM_SECONDS = 3;
const CONNECTIONS = 16;

/** Merged answers of 60 rows from the API as a process, beside the driver's own reads of one row by its key. */
export async function answersFromCassandra(servers: Servers): Promise<readonly Rate[]> {
  const plant = await ServerProject.make(servers);
  try {
    const profile = path.join(path.dirname(plant.archiveFolder), 'serve.cpuprofile');
    const [serve, ...others] = await Promise.all([
      plant.start('serve', [], profiledInto(profile)),
      plant.start('speed'),
      plant.start('batch'),
    ]);
    await Promise.all([serve, ...others].map((each) => each.ready()));
    const platform = await plant.openToWrite();
    const events = new SensorEvents({ seed: 1, sensors: SENSORS, ratePerSecond: SENSORS });
    await platform.events.append(plant.topic('sensor-readings'), events.take(MESSAGES));
    await plant.fresh(platform);
    await platform.close();
    for (const each of others) each.signal('SIGSTOP');
    await load(serve.url, WARM_SECONDS);
    const before = cpuSecondsOf(serve.pid);
    const { answers, failed, seconds } = await load(serve.url, SECONDS);
    const cpuSeconds = cpuSecondsOf(serve.pid) - before;
    // Sampling costs something: the shares are those of a load of their own.
    const profiled = profileOf(serve.pid, profile);
    await load(serve.url, WARM_SECONDS);
    const shares = await profiled.end();
    const limit = await driverRate(plant);
    const what = `answers from Cassandra, ${CONNECTIONS} at once`;
    const remarks = `60 rolling minutes of one of ${SENSORS} sensors each, uniformly; ${failed} failed; ${shares}`;
    return [
      { what, program: 'limit: the driver’s reads of one small row', unit: 'reads', ...limit, remarks: '' },
      { what, program: 'twofold serve', unit: 'answers', units: answers, wallSeconds: seconds, cpuSeconds, remarks },
    ];
  } finally {
    for (const each of plant.processes) each.signal('SIGCONT');
    await plant.remove();
  }
}

async function driverRate(plant: ServerProject): ReturnType<typeof repeat> {
  const driver = await PlainDriver.open(plant.cassandra);
  const query = `SELECT incarnation FROM ${plant.keyspace}.stores WHERE project = ?`;
  try {
    return await repeat({ inFlight: CONNECTIONS, seconds: SECONDS }, async () => {
      await driver.read(query, [plant.project.id]);
      return 1;
    });
  } finally {
    await driver.close();
  }
}

const QUERY = `query Minute($sensor: String!) {
  sensorMinute(
    key: { sensor: { eq: $sensor } }
    timeRange: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T00:01:00Z" }
    first: 100
  ) {
    nodes { windowEnd readings temperature pressure vibration worst }
  }
}`;

async function load(url: string, forSeconds: number): Promise<{ answers: number; failed: number; seconds: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const begun = performance.now();
  let [answers, failed, next] = [0, 0, 0];
  const work = async (): Promise<void> => {
    while (performance.now() - begun < forSeconds * 1_000) {
      const sensor = `s-${String((next++ * 7_919) % SENSORS).padStart(5, '0')}`;
      const text = await ask(agent, url, JSON.stringify({ query: QUERY, variables: { sensor } }));
      if (text.includes('"readings"') && !text.includes('"errors"')) answers++;
      else failed++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  agent.destroy();
  return { answers, failed, seconds: (performance.now() - begun) / 1_000 };
}

function ask(agent: Agent, url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(`${url}/graphql`, { agent, method: 'POST', headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString()));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
