import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fsErrorCode, nodeFs } from '@twofold/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'twofold-fs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const codeOf = async (work: Promise<unknown>): Promise<string | undefined> => work.then(() => 'none', fsErrorCode);

describe("the machine's file system", () => {
  it('reads back what it wrote, at any position, and says where the file ends', async () => {
    const file = await nodeFs.open(path.join(folder, 'a'), 'create');
    await file.pwrite(Uint8Array.of(1, 2, 3, 4), 2);
    const bytes = new Uint8Array(8);
    expect(await file.pread(bytes, 8, 1)).toBe(5);
    expect([...bytes]).toEqual([0, 1, 2, 3, 4, 0, 0, 0]);
    await file.truncate(3);
    await file.datasync();
    expect(await file.sizeBytes()).toBe(3);
    await file.close();
    expect(await nodeFs.stat(path.join(folder, 'a'))).toEqual({ sizeBytes: 3, folder: false });
  });

  it('names its refusals by POSIX codes', async () => {
    const at = (name: string): string => path.join(folder, name);
    await (await nodeFs.open(at('a'), 'create')).close();
    expect(await codeOf(nodeFs.open(at('a'), 'create'))).toBe('EEXIST');
    expect(await codeOf(nodeFs.open(at('b'), 'read'))).toBe('ENOENT');
    expect(await codeOf(nodeFs.open(at('b'), 'write'))).toBe('ENOENT');
    await nodeFs.link(at('a'), at('c'));
    expect(await codeOf(nodeFs.link(at('a'), at('c')))).toBe('EEXIST');
    await nodeFs.rename(at('a'), at('c'));
    await nodeFs.makeFolder(at('d/e'));
    await nodeFs.makeFolder(at('d/e'));
    await nodeFs.syncFolder(folder);
    expect(await nodeFs.stat(at('missing'))).toBe(null);
    expect([...(await nodeFs.list(folder))].sort()).toEqual(['a', 'c', 'd']);
    await nodeFs.remove(at('c'));
    expect(fsErrorCode(new TypeError('no code'))).toBe(undefined);
  });

  it('gives a lock to one holder of this process and gives it again after release', async () => {
    const name = path.join(folder, 'lock');
    const first = await nodeFs.lock(name);
    expect(first).not.toBe(null);
    expect(await nodeFs.lock(name)).toBe(null);
    await first?.release();
    await first?.release();
    const second = await nodeFs.lock(name);
    expect(second).not.toBe(null);
    await second?.release();
  });

  it('keeps a lock while its process is stopped, and has it back the moment that process is killed', async () => {
    const name = path.join(folder, 'lock');
    const script = `
      import { nodeFs } from ${JSON.stringify(new URL('../src/node-fs.ts', import.meta.url).href)};
      const lock = await nodeFs.lock(process.argv[1]);
      console.log(lock === null ? 'refused' : 'locked');
      setInterval(() => lock, 1000);`;
    const child = spawn(process.execPath, ['--conditions=@twofold/source', '--input-type=module', '-e', script, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    try {
      const said = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data).trim())));
      expect(said).toBe('locked');
      child.kill('SIGSTOP');
      expect(await nodeFs.lock(name)).toBe(null);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
    const mine = await nodeFs.lock(name);
    expect(mine).not.toBe(null);
    await mine?.release();
  });
});
