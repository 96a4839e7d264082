import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runPlatform, settings, type RunningPlatform } from '@twofold/cli';
import { PLANT, runTwofold } from '@twofold/e2e';
import { SensorEvents } from '@twofold/event-generator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let dataFolder: string;
let running: RunningPlatform;
let events: SensorEvents;

beforeEach(async () => {
  dataFolder = mkdtempSync(path.join(tmpdir(), 'twofold-damage-'));
  const { values } = settings.read({ flags: { dataFolder, port: 0, logLevel: 'error' } });
  running = await runPlatform(PLANT, values, { scheduled: false });
  events = new SensorEvents({ sensors: 10, ratePerSecond: 100, outOfOrder: 0.2 });
  await send();
  expect(await running.batch.recompute()).not.toBeNull();
}, 60_000);
afterEach(async () => {
  await running.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}, 60_000);

async function send(): Promise<void> {
  await running.platform.events.append('plant.sensor-readings', events.take(2_000));
}

async function liveRelease(): Promise<number> {
  const response = await fetch(running.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ release { number } }' }),
  });
  return ((await response.json()) as { data: { release: { number: number } } }).data.release.number;
}

const files = (): string[] =>
  globSync('archive/sensor-readings/**/*.parquet', { cwd: dataFolder }).map((file) => path.join(dataFolder, file));
const verify = () => runTwofold(['verify', '--project', PLANT, '--data-folder', dataFolder]);

describe('E12 E13: an archive that is not as its manifests say', () => {
  test(
    'a flipped bit: verify names file and range, a run refuses, the served release goes on',
    { timeout: 90_000 },
    async () => {
      const [file = ''] = files();
      const bytes = readFileSync(file);
      const middle = bytes.length >> 1;
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      await send();
      await expect(running.batch.recompute()).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' });
      expect(await liveRelease()).toBe(1);
      const { code, stdout } = await verify();
      expect(code).toBe(3);
      expect(stdout).toContain('FILE_DAMAGED');
      expect(stdout).toContain(path.basename(file));
      expect(stdout).toMatch(/positions \[0, \d+\)/);
    },
  );

  test('a missing file: verify names it, a run refuses, the served release goes on', { timeout: 90_000 }, async () => {
    const [file = ''] = files();
    rmSync(file);
    await send();
    await expect(running.batch.recompute()).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' });
    expect(await liveRelease()).toBe(1);
    const { code, stdout } = await verify();
    expect(code).toBe(3);
    expect(stdout).toContain('FILE_MISSING');
    expect(stdout).toContain(path.basename(file));
  });

  test('a missing manifest: verify names it and says what is not covered', { timeout: 90_000 }, async () => {
    await send();
    expect(await running.batch.recompute()).not.toBeNull();
    const manifests = globSync('archive/sensor-readings/manifests/*', { cwd: dataFolder }).sort();
    const lost = manifests[1] ?? '';
    rmSync(path.join(dataFolder, lost));
    const { code, stdout } = await verify();
    expect(code).toBe(3);
    expect(stdout).toContain('MANIFEST_MISSING');
  });

  test('nothing wrong: verify says how many files it compared', { timeout: 90_000 }, async () => {
    const { code, stdout } = await verify();
    expect(stdout).toMatch(/^\d+ archive files are as their manifests say/);
    expect(code).toBe(0);
  });
});
