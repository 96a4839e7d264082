import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { askHours, PLANT, rigHours, runTwofold, TwofoldProcess, type RigHours } from '@twofold/e2e';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'twofold-corrections-'));
const plant = (...args: string[]): string[] => [
  ...args,
  '--project',
  PLANT,
  '--data-folder',
  path.join(folder, 'data'),
];
let running: TwofoldProcess;
let url = '';
beforeAll(async () => {
  running = new TwofoldProcess(plant('dev', '--port', '0'));
  url = await running.ready();
}, 180_000);
afterAll(async () => {
  await running.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command that has to end well, and gives its document. */
async function told<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runTwofold(plant(...args, '--json'));
  expect(`${code} ${stderr.slice(0, 400)}`).toMatch(/^0 /);
  return JSON.parse(stdout) as T;
}

const hours = (sensor: string): Promise<RigHours> => askHours(url, sensor);

interface Plan {
  readonly plan: { readonly id: string; readonly fingerprint: string; readonly targets: { readonly count: number } };
}

interface Applied {
  readonly correction: string;
  readonly release: string | null;
  readonly diff: {
    readonly base: string;
    readonly views: { readonly rowsRemoved: number; readonly rowsChanged: number }[];
  };
}

const retract = (...more: string[]): string[] => [
  ...['correct', 'retract', 'rig-readings', '--where', "sensor = 'TS1' and temperature > 100"],
  ...['--reason', 'the sensor was broken', '--approver', 'bob', '--ticket', 'T-7', ...more],
];

test('a bad sensor’s hour is retracted beside a running platform: the answer changes at the promotion, and rolls back', async () => {
  const file = path.join(folder, 'readings.ndjson');
  writeFileSync(file, rigHours());
  await told('send', 'rig-readings', file);
  const all = { readings: [60, 60, 60], hottest: [46, 180, 46] };
  await expect.poll(() => hours('TS1'), { timeout: 30_000 }).toEqual(all);

  const { plan } = await told<Plan>(...retract('--from', '2026-01-01T01:00:00Z', '--to', '2026-01-01T02:00:00Z'));
  expect(plan.targets.count).toBe(60);
  expect(await hours('TS1')).toEqual(all);
  const apply = ['apply', plan.id, '--fingerprint', plan.fingerprint];
  const preview = await told<Applied>(...apply, '--preview');
  expect(preview).toMatchObject({ release: null, diff: { views: [{ rowsRemoved: 60, rowsChanged: 0 }] } });
  expect(await hours('TS1')).toEqual(all);

  const applied = await told<Applied>(...apply);
  expect(applied.release).not.toBeNull();
  expect(await hours('TS1')).toEqual({ readings: [60, 60], hottest: [46, 46] });
  expect(await hours('TS2')).toEqual({ readings: [60, 60, 60], hottest: [50, 50, 50] });
  const { releases, corrections } = await told<{ releases: { id: string }[]; corrections: { inForce: boolean }[] }>(
    'releases',
  );
  expect(releases[0]?.id).toBe(applied.release);
  expect(corrections).toMatchObject([{ id: applied.correction, kind: 'retract', targets: 60, inForce: true }]);
  expect(await told('diff', applied.release ?? '')).toMatchObject({ diff: { correction: applied.correction } });

  const { stdout: listed } = await runTwofold(plant('releases'));
  expect(listed).toMatch(/approved by +ticket .*\n.*retract .* bob +T-7 /);

  await told('rollback', applied.diff.base);
  const { stdout: ran } = await runTwofold(plant('runs'));
  expect(ran).toMatch(new RegExp(`ROLLBACK .*to release ${applied.diff.base}, views rigMinute`));
  expect(await hours('TS1')).toEqual(all);
  expect(await told('rollback', '--let-go')).toEqual({ schemaVersion: 1, letGo: ['rigMinute'] });
}, 300_000);

test('what can not be meant is refused with a sentence and a code, and nothing changes', async () => {
  const before = await hours('TS1');
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await runTwofold(plant(...args));
    return `${code} ${stderr.trim().split('\n').at(-1)}`;
  };
  const asked = ['--reason', 'r'];
  expect(await refused('correct', 'retract', 'rig-readings', '--where', "sensor = 'TS9'", ...asked)).toMatch(
    /^1 .*NOTHING_MATCHES/,
  );
  expect(await refused('correct', 'retract', 'rig-readings', '--where', 'temperature > 0', ...asked)).toMatch(
    /^1 .*EVERYTHING_MATCHES/,
  );
  expect(await refused('correct', 'retract', 'rig-readings', '--where', 'heat > 0', ...asked)).toMatch(
    /^1 .*no field 'heat'.*CONDITION_INVALID/,
  );
  expect(await refused('correct', 'remove', 'rig-readings', ...asked)).toMatch(/^2 .*WRONG_USAGE/);
  expect(await refused('apply', '01NONE', '--fingerprint', 'x')).toMatch(/^1 .*PLAN_UNKNOWN/);
  expect(await refused('rollback', '99999')).toMatch(/^1 .*not kept any more.*ROLLBACK_REFUSED/);
  expect(await refused('correct', 'redact', 'rig-readings', '--where', 'temperature > 100', ...asked)).toMatch(
    /^1 .*somebody else than its author has to agree.*CORRECTION_INVALID/,
  );
  expect(await hours('TS1')).toEqual(before);
}, 300_000);
