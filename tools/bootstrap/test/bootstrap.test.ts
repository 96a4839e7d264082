import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockfile, makeWorkspace, start } from './make-workspace.ts';

const program = 'tools/bootstrap/run.mjs';

let root = '';
beforeEach(() => {
  root = makeWorkspace();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = (...args: string[]) => start(root, [program, ...args]).ended;
const npmCalls = () => (existsSync(`${root}/npm-calls`) ? readFileSync(`${root}/npm-calls`, 'utf8') : '');

describe('the bootstrap', () => {
  it('lists the verbs when it does not know the one asked for', async () => {
    const { code, stderr } = await run('tets');
    expect(code).toBe(2);
    expect(stderr).toMatch(/Unknown verb "tets".*\n {2}start +the plant demo/);
    expect(npmCalls()).toBe('');
  });

  it('installs what is missing with one calm line, then runs the verb with its arguments', async () => {
    const first = await run('types', '--watch', 'a b');
    expect(first.stderr).toMatch(/^Installing dependencies \(once, about a minute\) … done in \d+ s\n$/);
    expect(first).toMatchObject({ code: 0, stdout: 'ran --build --watch a b\n' });
    expect(await run('types')).toMatchObject({ code: 0, stdout: 'ran --build\n', stderr: '' });
    expect(npmCalls()).toBe('ci\n');
  });

  it('installs again when the lockfile names another version than node_modules has', async () => {
    await run('types');
    writeFileSync(`${root}/package-lock.json`, lockfile('1.0.1'));
    await run('types');
    expect(npmCalls()).toBe('ci\nci\n');
  });

  it('installs once when several start at the same time', async () => {
    const ends = await Promise.all([run('types'), run('types'), run('types')]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(npmCalls()).toBe('ci\n');
  });

  it('takes over from an installer that was killed', async () => {
    mkdirSync(`${root}/.cache/install.lock`, { recursive: true });
    writeFileSync(`${root}/.cache/install.lock/pid`, '4194399');
    expect((await run('types')).code).toBe(0);
    expect(existsSync(`${root}/.cache/install.lock`)).toBe(false);
  });

  it('shows what npm said when the install fails, and runs nothing', async () => {
    writeFileSync(`${root}/npm-fails`, '');
    const { code, stdout, stderr } = await run('types');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/failed after \d+ s\nnpm ERR! no network/);
  });

  it('says what to do where no prebuilt Node exists', async () => {
    const preload = `Object.defineProperty(process, 'platform', { value: 'freebsd' });
      Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } });`;
    const { ended } = start(root, [
      '--import',
      `data:text/javascript,${encodeURIComponent(preload)}`,
      program,
      'types',
    ]);
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Twofold needs Node 24, found 20.20.2; no prebuilt Node for this platform: install Node 24.',
    );
  });

  it('passes on the exit code', async () => {
    writeFileSync(`${root}/program.cjs`, 'process.exit(5)');
    expect((await run('types')).code).toBe(5);
  });

  it('passes a signal on and waits for the program to drain', async () => {
    writeFileSync(
      `${root}/program.cjs`,
      `process.on('SIGTERM', () => { console.log('drained'); process.exit(7); });
       console.log('ready'); setInterval(() => {}, 1000);`,
    );
    const { child, ended } = start(root, [program, 'types']);
    child.stdout.once('data', () => child.kill('SIGTERM'));
    expect(await ended).toMatchObject({ code: 7, stdout: 'ready\ndrained\n' });
  });
});
