import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WritablePlatform } from '@twofold/cli';
import { SensorEvents } from '@twofold/event-generator';
import { history } from '@twofold/plant';
import { startOwnServers, type OwnServers } from '../own-servers.ts';
import { ServerProject } from '../server-project.ts';
import type { ServiceProcess } from '../service-process.ts';
import { until } from '../until.ts';
import { killInTurn, type DemoProcesses } from './kill-in-turn.ts';
import { say, seconds, tell } from './tell.ts';

const RIG_MESSAGES = 20_000;
const SENSOR_MESSAGES = 20_000;

/**
 * The plant over a Kafka and a Cassandra of its own, every layer a process: history, a batch run and late events beside
 * the oracle, then kills while events flow. Gives the exit code; 1 when anything differs from the oracle.
 */
export async function clusterDemo({ once }: { readonly once: boolean }): Promise<number> {
  say(
    'Starting a Kafka and a Cassandra of the demo’s own (about a minute; what they need is fetched the first time) …',
  );
  const servers = await startOwnServers((name, tookMs) => say(`  ${name} is healthy after ${seconds(tookMs)}`));
  const plant = await ServerProject.make(servers.behindWires, servers.direct);
  try {
    const processes = await startAll(plant);
    const platform = await plant.openToWrite();
    const equal = await historyAndRecompute(plant, platform, processes.serve);
    const survived = await killInTurn({ plant, platform, servers, processes });
    say(equal && survived ? 'Every answer was the oracle’s.' : 'NOT every answer was the oracle’s; see above.');
    if (!once) await runOn(plant, processes, servers);
    await platform.close();
    return equal && survived ? 0 : 1;
  } finally {
    await Promise.all(plant.processes.map((each) => each.kill('SIGKILL')));
    plant.removeFolder();
    await servers.remove();
  }
}

async function startAll(plant: ServerProject): Promise<DemoProcesses> {
  const [speed, otherSpeed, batch, serve] = await Promise.all([
    plant.start('speed'),
    plant.start('speed'),
    plant.start('batch'),
    plant.start('serve'),
  ]);
  const processes = { speed, otherSpeed, batch, serve };
  for (const each of Object.values(processes)) each.keep();
  const readyMs = await Promise.all(Object.values(processes).map((each) => each.ready()));
  say(`  two speed layers, a batch layer and the API are ready after ${readyMs.map(seconds).join(', ')}`);
  return processes;
}

/** Sends most of the events, waits for the batch run, sends the rest, and compares. */
async function historyAndRecompute(
  plant: ServerProject,
  platform: WritablePlatform,
  serve: ServiceProcess,
): Promise<boolean> {
  const lines = { 'rig-readings': linesOf(history(), RIG_MESSAGES), 'sensor-readings': sensorLines() };
  const send = async (from: number, to: number): Promise<void> => {
    for (const [stream, all] of Object.entries(lines))
      await sendLines(plant, stream, all.slice(from * all.length, to * all.length));
  };
  say(`Sending ${RIG_MESSAGES} real readings of the rig and ${SENSOR_MESSAGES} generated ones by twofold send …`);
  await send(0, 0.8);
  say(`  every answer holds the first four fifths after ${seconds(await plant.fresh(platform))}`);
  const promotedMs = await until('history is answered from the archive', () => plant.promoted(platform), {
    patienceMs: 300_000,
    state: () => plant.tails(),
  });
  say(`  the scheduled batch run is live after another ${seconds(promotedMs)}`);
  await send(0.8, 1);
  await plant.fresh(platform);
  await showAnswer(serve.url);
  let equal = true;
  for (const stream of Object.keys(lines)) equal = tell(await plant.compare(platform, stream)) && equal;
  return equal;
}

async function sendLines(plant: ServerProject, stream: string, lines: readonly string[]): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'twofold-demo-'));
  try {
    const file = path.join(folder, `${stream}.ndjson`);
    writeFileSync(file, lines.join(''));
    const { code, stderr } = await plant.send(stream, file);
    if (code !== 0) throw new Error(`twofold send ${stream} ended with ${code}: ${stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function linesOf(messages: Iterable<{ readonly value: Uint8Array }>, count: number): string[] {
  const lines: string[] = [];
  for (const { value } of messages) {
    if (lines.length === count) break;
    lines.push(`${Buffer.from(value).toString()}\n`);
  }
  return lines;
}

/** Sensors and times of their own: what flows during the kills is other events. */
function sensorLines(): string[] {
  const startMs = Date.UTC(2025, 11, 31, 12);
  const events = new SensorEvents({ seed: 7, sensors: 50, ratePerSecond: 200, malformed: 0, duplicate: 0.01, startMs });
  return linesOf(events.take(SENSOR_MESSAGES), SENSOR_MESSAGES);
}

const ANSWER = `{
  plantMinute(timeRange: { from: "2025-12-31T12:00:00Z", to: "2025-12-31T12:03:00Z" }, first: 3) {
    nodes { windowStart readings temperature worst complete }
    provenance { release build layers partitions { partition cut position } }
    freshness { health because }
  }
}`;

async function showAnswer(url: string): Promise<void> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: ANSWER }),
  });
  say(`A merged answer with its provenance, from ${url}/graphql:\n${JSON.stringify(await response.json(), null, 1)}`);
}

/** Ctrl-C ends the process, and with it all that it started. */
function runOn(plant: ServerProject, { serve }: DemoProcesses, servers: OwnServers): Promise<never> {
  const { kafka, cassandra } = servers.direct;
  say(`Running on, project ${plant.project.id}: ask ${serve.url}/graphql; Kafka ${kafka}, Cassandra ${cassandra}.`);
  say('Ctrl-C ends it.');
  return new Promise(() => undefined);
}
