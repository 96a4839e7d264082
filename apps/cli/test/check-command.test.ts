import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LOCK } from '../src/check/lock-file.ts';
import { EXIT } from '../src/output.ts';
import { runCli } from '../src/run-cli.ts';

const plant = path.join(import.meta.dirname, '../../../examples/plant');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'twofold-check-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function listen(): () => string {
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  return () => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
}

describe('twofold check', () => {
  const data = () => ['--data-folder', path.join(folder, 'none')];

  test('finds the lock of the example current, and tells slices as time at a rate', async () => {
    const output = listen();
    expect(await runCli(['check', '--project', plant, '--rate', '10000', ...data()])).toBe(EXIT.done);
    expect(output()).toMatch(/sensor-readings +1 .*4096 = 819ms +100000 = 20s/);
    expect(output()).toContain('twofold.lock.json is current');
  });

  test('prints one document with --json', async () => {
    const output = listen();
    expect(await runCli(['check', '--project', plant, '--json', ...data()])).toBe(EXIT.done);
    expect(JSON.parse(output())).toMatchObject({
      ...{ schemaVersion: 1, project: 'plant', findings: [], gone: [], warnings: [] },
      lock: { current: true, written: false },
    });
  });

  test('makes a lock, and ends with 3 while there is none', async () => {
    const source = path.join(folder, 'twofold.config.ts');
    writeFileSync(source, `export { default } from ${JSON.stringify(path.join(plant, 'twofold.config.ts'))};\n`);
    listen();
    expect(await runCli(['check', '--project', folder, ...data()])).toBe(EXIT.check);
    expect(existsSync(path.join(folder, LOCK))).toBe(false);
    expect(await runCli(['check', '--project', folder, '--write', ...data()])).toBe(EXIT.done);
    expect(readFileSync(path.join(folder, LOCK), 'utf8')).toBe(readFileSync(path.join(plant, LOCK), 'utf8'));
    const lock = JSON.parse(readFileSync(path.join(folder, LOCK), 'utf8')) as {
      views: Record<string, Record<string, { fingerprint: string }>>;
    };
    const entry = lock.views['rigMinute']?.['1'];
    if (entry !== undefined) entry.fingerprint = '0'.repeat(16);
    writeFileSync(path.join(folder, LOCK), JSON.stringify(lock));
    expect(await runCli(['check', '--project', folder, '--write', ...data()])).toBe(EXIT.check);
    expect(readFileSync(path.join(folder, LOCK), 'utf8')).toBe(JSON.stringify(lock));
    expect(await runCli(['check', '--project', folder, '--write', '--accept', 'rigMinute', ...data()])).toBe(EXIT.done);
  });

  test.each([
    ['--rate', 'fast'],
    ['--accept', 'rigMinute'],
    ['--write', '--accept', 'nothing'],
  ])('refuses %s %s', async (...flags) => {
    listen();
    expect(await runCli(['check', '--project', plant, ...data(), ...flags])).toBe(EXIT.usage);
  });
});
