import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PLANT, runTwofold, TwofoldProcess } from '@twofold/e2e';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let dataFolder: string;
beforeEach(() => {
  dataFolder = mkdtempSync(path.join(tmpdir(), 'twofold-bad-'));
});
afterEach(() => rmSync(dataFolder, { recursive: true, force: true }));

const plant = (...args: string[]): string[] => [...args, '--project', PLANT, '--data-folder', dataFolder];

describe('the command in bad surroundings', () => {
  test('says which port is in use, how to choose another, and ends with 1', { timeout: 60_000 }, async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stderr } = await runTwofold(plant('dev', '--port', String(port)));
    taken.close();
    expect(stderr).toContain('ADDRESS_IN_USE');
    expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(stderr).toMatch(/--port|another port/);
    expect(code).toBe(1);
  });

  test(
    'shows every wrong setting at once, each with the ways to set it, and ends with 2',
    { timeout: 60_000 },
    async () => {
      const { code, stderr } = await runTwofold(plant('dev', '--port', 'seventy', '--archive-every', 'often'), {
        TWOFOLD_PARTITIONS: '0',
      });
      expect(stderr).toContain('--port');
      expect(stderr).toContain('--archive-every');
      expect(stderr).toContain('TWOFOLD_PARTITIONS');
      expect(code).toBe(2);
    },
  );

  test('refuses a data folder of a newer format and leaves it as it is', { timeout: 60_000 }, async () => {
    const first = new TwofoldProcess(plant('dev', '--port', '0'));
    await first.ready();
    await first.kill('SIGTERM');
    const meta = path.join(dataFolder, 'log', 'log.json');
    const newer = readFileSync(meta, 'utf8').replace(/"format":\s*\d+/, '"format":999');
    expect(newer).toContain('999');
    writeFileSync(meta, newer);
    const before = readdirSync(path.join(dataFolder, 'log')).sort();
    const { code, stderr } = await runTwofold(plant('dev', '--port', '0'));
    expect(stderr).toContain('LOG_FORMAT_UNKNOWN');
    expect(code).toBe(1);
    expect(readFileSync(meta, 'utf8')).toBe(newer);
    expect(
      readdirSync(path.join(dataFolder, 'log'))
        .sort()
        .filter((name) => before.includes(name)),
    ).toEqual(before);
  });

  test('a second twofold dev on the same folder is refused, and names who has it', { timeout: 60_000 }, async () => {
    const first = new TwofoldProcess(plant('dev', '--port', '0'));
    await first.ready();
    const { code, stderr } = await runTwofold(plant('dev', '--port', '0'));
    expect(stderr).toContain('LOG_LOCKED');
    expect(stderr).toContain(String(first.child.pid));
    expect(code).toBe(1);
    expect((await first.kill('SIGTERM')).code).toBe(0);
  });

  test.skipIf(process.getuid?.() === 0)('says which folder can not be written', { timeout: 60_000 }, async () => {
    const folder = path.join(dataFolder, 'closed');
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    const { code, stderr } = await runTwofold(['dev', '--project', PLANT, '--data-folder', folder, '--port', '0']);
    expect(stderr).toContain(folder);
    expect(code).toBe(1);
  });

  test(
    'names the folder where it looked for a project, and every stream when one is misspelt',
    { timeout: 60_000 },
    async () => {
      const missing = await runTwofold(['dev', '--project', dataFolder]);
      expect(missing.stderr).toContain('PROJECT_NOT_FOUND');
      expect(missing.stderr).toContain(dataFolder);
      expect(missing.code).toBe(2);
      const stream = await runTwofold(plant('send', 'sensors', '-'));
      expect(stream.stderr).toContain('sensor-readings');
      expect(stream.code).toBe(2);
    },
  );
});
