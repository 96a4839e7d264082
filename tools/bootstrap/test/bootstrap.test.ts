import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const workspace = path.resolve(import.meta.dirname, '../../..');
// Where npm puts the Node that runs this test; made up where that is not the workspace's own.
const ownNode = path.relative(workspace, process.execPath);
const nodeHere = ownNode.startsWith('node_modules') ? ownNode : 'node_modules/no-such-platform/bin/node';

// What `npm ci` leaves behind, as far as the bootstrap looks at it: a Node, a program to run, the inner lockfile.
const fakeNpm = `#!${process.execPath}
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
setTimeout(() => {
  if (fs.existsSync('npm-fails')) { console.error('npm ERR! no network'); process.exit(1); }
  fs.mkdirSync('${path.dirname(nodeHere)}', { recursive: true });
  fs.rmSync('${nodeHere}', { force: true });
  fs.symlinkSync('${process.execPath}', '${nodeHere}');
  fs.mkdirSync('node_modules/typescript/bin', { recursive: true });
  fs.writeFileSync('node_modules/typescript/bin/tsc', fs.readFileSync('program.cjs'));
  fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
}, 300);
`;

const lockfile = (version: string) =>
  JSON.stringify({ packages: { '': {}, 'node_modules/a': { version, integrity: `sha512-${version}` } } });

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'twofold-bootstrap-'));
  cpSync(path.join(workspace, 'tools/bootstrap'), path.join(root, 'tools/bootstrap'), {
    recursive: true,
    filter: (file) => !/\/(test|dist)$/.test(file),
  });
  mkdirSync(path.join(root, 'bin'));
  writeFileSync(path.join(root, 'bin/npm'), fakeNpm);
  chmodSync(path.join(root, 'bin/npm'), 0o755);
  writeFileSync(path.join(root, 'package-lock.json'), lockfile('1.0.0'));
  writeFileSync(path.join(root, 'program.cjs'), "console.log('ran', process.argv.slice(2).join(' '));");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function start(args: readonly string[], nodeArgs: readonly string[] = []) {
  const env = { ...process.env, PATH: `${root}/bin${path.delimiter}${process.env['PATH'] ?? ''}` };
  delete env['npm_execpath'];
  const child = spawn(process.execPath, [...nodeArgs, 'tools/bootstrap/run.mjs', ...args], { cwd: root, env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}
const run = (...args: string[]) => start(args).ended;
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
    const { ended } = start(['types'], ['--import', `data:text/javascript,${encodeURIComponent(preload)}`]);
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
    const { child, ended } = start(['types']);
    child.stdout.once('data', () => child.kill('SIGTERM'));
    expect(await ended).toMatchObject({ code: 7, stdout: 'ready\ndrained\n' });
  });
});
