import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PLANT, runTwofold, TwofoldProcess } from '@twofold/e2e';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'twofold-redaction-'));
const plant = (...args: string[]): string[] => [
  ...[...args, '--project', PLANT],
  ...['--data-folder', path.join(folder, 'data')],
];
let running: TwofoldProcess;
let url = '';
/** Every platform that ran: what they print goes to logs, which nobody erases. */
const platforms: TwofoldProcess[] = [];

function start(): TwofoldProcess {
  const started = new TwofoldProcess(plant('dev', '--port', '0', '--log-level', 'debug'));
  platforms.push(started);
  return started;
}

beforeAll(async () => {
  running = start();
  url = await running.ready();
}, 180_000);
afterAll(async () => {
  await running.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const CANARY = 'canary-7f3e';
const START = Date.UTC(2026, 0, 1);

/** Runs a command that has to end well, and gives its document. */
async function told<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runTwofold(plant(...args, '--json'));
  expect(`${code} ${stderr.slice(0, 600)}`).toMatch(/^0 /);
  return JSON.parse(stdout) as T;
}

async function refused(...args: string[]): Promise<string> {
  const { code, stderr } = await runTwofold(plant(...args));
  return `${code} ${stderr.trim().split('\n').at(-1)}`;
}

/** Where a text is, in whatever the platform keeps. */
async function scan(text: string): Promise<string[]> {
  const { code, stdout } = await runTwofold(plant('scan', text, '--json'));
  const { found, notRead } = JSON.parse(stdout) as { found: string[]; notRead: string[] };
  expect([code, notRead]).toEqual([found.length === 0 ? 0 : 3, []]);
  return found;
}

async function send(stream: string, lines: readonly unknown[]): Promise<void> {
  const file = path.join(folder, `${stream}.ndjson`);
  writeFileSync(file, `${lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')}\n`);
  await told('send', stream, file);
  rmSync(file);
}

const reading = (sensor: string, minute: number, temperature: number) => {
  const timestamp = new Date(START + minute * 60_000).toISOString().replace('.000Z', 'Z');
  return { sensor, timestamp, cycle: 1, temperature };
};

/** Readings of each hour of a sensor, as the API answers them. */
async function hours(sensor: string): Promise<number[]> {
  const query = `{ rigMinute(key: { sensor: { eq: "${sensor}" } }, grain: HOUR, first: 10
    timeRange: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T04:00:00Z" }) { nodes { readings } } }`;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data } = (await response.json()) as { data: { rigMinute: { nodes: { readings: number }[] } } };
  return data.rigMinute.nodes.map(({ readings }) => Number(readings));
}

interface Plan {
  readonly plan: { readonly id: string; readonly fingerprint: string; readonly erases?: { readonly counts: unknown } };
}

interface Applied {
  readonly correction: string;
  readonly release: string;
  readonly alreadyInForce: boolean;
  readonly diff: { readonly base: string } | null;
  readonly certificate: {
    readonly correction: string;
    readonly goneBy: null;
    readonly places: readonly { readonly place: string; readonly goneBy: null }[];
  };
}

const note = ['--reason', 'ticket 12', '--author', 'ann', '--approver', 'bob'];
const asked = ['correct', 'redact', 'rig-readings', '--where', `sensor = '${CANARY}'`, ...note];

test('E21: a sensor is erased beside a running platform, through kills: no byte of it is left in any file, and nothing else changes', async () => {
  const kept = Array.from({ length: 120 }, (_, minute) => reading('TS2', minute, 50));
  const gone = Array.from({ length: 90 }, (_, minute) => reading(CANARY, minute, 60 + (minute % 9)));
  await send('rig-readings', [...gone, ...kept, ...gone.slice(0, 5), `{"sensor":"${CANARY}","timestamp":"${CANARY}"}`]);
  await expect.poll(() => hours(CANARY), { timeout: 60_000 }).toEqual([60, 30]);
  // An earlier correction, whose plan, difference and words name it.
  const retract = ['correct', 'retract', 'rig-readings', '--where', `sensor = '${CANARY}' and temperature > 67`];
  const { plan: before } = await told<Plan>(...retract, '--reason', `${CANARY} was hot`);
  const earlier = await told<Applied>('apply', before.id, '--fingerprint', before.fingerprint);
  // A replay that was planned, and not applied: what it would add speaks of it.
  const mend = `set timestamp = "2026-01-01T02:10:00Z"; set cycle = 1; set temperature = 1`;
  const replay = ['deadletter', 'replay', 'rig-readings', '--all', '--transform', mend, '--reason', 'a wrong time'];
  const { plan: replayed } = await told<Plan>(...replay);
  expect((await scan(CANARY)).length).toBeGreaterThan(5);

  const { plan } = await told<Plan>(...asked);
  expect(plan.erases?.counts).toEqual({ applied: 90, duplicate: 5, rejected: 1, added: 0 });
  const apply = ['apply', plan.id, '--fingerprint', plan.fingerprint];
  for (const ms of [2_000, 3_000, 4_500]) {
    const cut = new TwofoldProcess(plant(...apply));
    await new Promise((resolve) => setTimeout(resolve, ms));
    await cut.kill('SIGKILL');
    expect(await hours('TS2')).toEqual([60, 60]);
  }
  const applied = await told<Applied>(...apply);
  expect(applied.certificate).toMatchObject({ goneBy: null, correction: applied.correction });
  expect(applied.certificate.places.map(({ place }) => place)).toContain('log plant.rig-readings');
  expect(await hours(CANARY)).toEqual([]);
  expect(await hours('TS2')).toEqual([60, 60]);
  expect(await scan(CANARY)).toEqual([]);
  // Its dead letter went with it: there is nothing to replay, nor to be shown.
  expect(await refused('deadletter', 'replay', 'rig-readings', '--all', '--reason', 'r')).toMatch(
    /^2 .*no dead letter of stream rig-readings is meant.*WRONG_USAGE/,
  );
  expect(await refused('apply', replayed.id, '--fingerprint', replayed.fingerprint)).toMatch(
    /^1 .*PLAN_(UNKNOWN|CHANGED)/,
  );
  expect(await told('certificate', applied.correction)).toMatchObject({ certificate: applied.certificate });
  expect(await told<Applied>(...apply)).toMatchObject({ alreadyInForce: true });

  expect(await refused('rollback', earlier.diff?.base ?? '')).toMatch(/^1 .*ROLLBACK_REFUSED/);
  expect(await refused('rollback', '1')).toMatch(/^1 .*from before the redaction.*ROLLBACK_REFUSED/);
  expect(await refused('revert', applied.correction, '--reason', 'oh no')).toMatch(/^1 .*NOT_REVERTIBLE/);
  await told('verify');
}, 400_000);

test('E21: what is left goes on: new events count, also of the same sensor, and a restart changes nothing', async () => {
  await send('rig-readings', [reading('TS2', 121, 51), reading(CANARY, 130, 52)]);
  await expect.poll(() => hours(CANARY), { timeout: 60_000 }).toEqual([1]);
  await running.kill('SIGKILL');
  running = start();
  url = await running.ready();
  await expect.poll(() => hours('TS2'), { timeout: 60_000 }).toEqual([60, 60, 1]);
  expect(await hours(CANARY)).toEqual([1]);
  await told('verify');
}, 300_000);

test('E21: alarms go too, and an embedded log whose writer does not run is opened for it', async () => {
  const timestamp = new Date(Date.now() - 60_000).toISOString();
  const loud = { sensor_id: 'canary-alarm', timestamp, temperature: 1, vibration: 5 };
  await send('sensor-readings', [loud, { ...loud, sensor_id: 'calm', vibration: 1 }]);
  await expect
    .poll(async () => (await scan('canary-alarm')).filter((place) => place.includes('alarms')), {
      timeout: 60_000,
    })
    .not.toEqual([]);
  const { plan } = await told<Plan>(
    'correct',
    'redact',
    'sensor-readings',
    '--where',
    "sensorId = 'canary-alarm'",
    ...note,
  );
  await running.kill('SIGTERM');
  const applied = await told<Applied>('apply', plan.id, '--fingerprint', plan.fingerprint);
  expect(applied.certificate.places.map(({ place }) => place)).toContain('log plant.alarms');
  expect(await scan('canary-alarm')).toEqual([]);
  await told('verify');
  running = start();
  url = await running.ready();
}, 300_000);

test('E21: what can not be meant is refused with a sentence and a code, and nothing is erased', async () => {
  const redact = (...more: string[]): Promise<string> => refused('correct', 'redact', 'rig-readings', ...more);
  expect(await redact('--where', "sensor = 'TS9'", ...note)).toMatch(/^1 .*NOTHING_MATCHES/);
  expect(await redact('--where', 'temperature > 0', ...note)).toMatch(/^1 .*EVERYTHING_MATCHES/);
  expect(await redact('--where', "sensor = 'TS2'", '--reason', 'r')).toMatch(/^1 .*CORRECTION_INVALID/);
  expect(await redact('--where', "sensor = 'TS2'", '--reason', 'TS2 left', '--approver', 'bob')).toMatch(
    /^1 .*the reason names what is to be erased.*CORRECTION_INVALID/,
  );
  const { plan } = await told<Plan>('correct', 'redact', 'rig-readings', '--where', "sensor = 'TS2'", ...note);
  const apply = ['apply', plan.id, '--fingerprint', plan.fingerprint];
  expect(await refused(...apply, '--preview')).toMatch(/^1 .*no preview and no gates.*CORRECTION_INVALID/);
  expect(await refused('apply', plan.id, '--fingerprint', 'other')).toMatch(/^1 .*PLAN_CHANGED/);
  expect(await hours('TS2')).toEqual([60, 60, 1]);
  expect(await refused('scan', 'ab')).toMatch(/^2 .*WRONG_USAGE/);
}, 300_000);

test('E21: no platform has printed a byte of what was erased, before and after it was', () => {
  expect(platforms.length).toBe(3);
  for (const { printed } of platforms) {
    expect(printed.length).toBeGreaterThan(100);
    expect(printed).not.toMatch(/canary/);
  }
});
