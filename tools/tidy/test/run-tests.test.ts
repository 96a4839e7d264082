import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
// Inside the workspace, where vitest can be found; the folder is not part of the repository.
mkdirSync(path.join(root, '.cache'), { recursive: true });
const folder = mkdtempSync(path.join(root, '.cache/run-tests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;
/** Runs the given test files in a project of their own. */
function run(files: Readonly<Record<string, string>>, ...args: string[]) {
  const cwd = path.join(folder, String(runs++));
  mkdirSync(cwd);
  writeFileSync(path.join(cwd, 'vitest.config.ts'), 'export default { test: { globals: true } };');
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(cwd, name), text);
  const program = path.join(root, 'tools/tidy/src/run-tests.ts');
  const { status, stdout } = spawnSync(process.execPath, [program, ...args], { cwd, encoding: 'utf8' });
  return { status, closing: stdout.trimEnd().split('\n').at(-1) };
}
const good = "it('holds', () => { expect(1).toBe(1); });";

describe('npm test', () => {
  it('closes with one line of counts', () => {
    const files = { 'a.test.ts': `${good} it.skip('waits', () => {});`, 'b.test.ts': good };
    expect(run(files)).toEqual({ status: 0, closing: '2 passed, 0 failed, 1 skipped' });
  });

  it.each([
    ['a failing test', "it('fails', () => { expect(1).toBe(2); });", '1 passed, 1 failed'],
    ['a file that can not be imported', "import './gone.ts';", '1 passed, 1 failed'],
    ['a file without tests', 'export {};', '1 passed, 1 failed'],
    [
      'a hook that fails',
      "beforeAll(() => { throw new Error('no'); }); it('x', () => {});",
      '1 passed, 1 failed, 1 skipped',
    ],
    [
      'an error outside of any test',
      `${good} setTimeout(() => { throw new Error('late'); }, 0); it('w', () => new Promise((r) => setTimeout(r, 200)));`,
      '3 passed, 1 failed',
    ],
  ])('fails on %s', (_kind, text, closing) => {
    expect(run({ 'a.test.ts': good, 'b.test.ts': text })).toEqual({ status: 1, closing });
  });

  it('fails when the set-up of a project does, before any test', () => {
    const config = "export default { test: { globals: true, globalSetup: ['./set-up.ts'] } };";
    const files = { 'a.test.ts': good, 'set-up.ts': "throw new Error('no server');", 'vitest.config.ts': config };
    expect(run(files)).toEqual({ status: 1, closing: '0 passed, 1 failed' });
  });

  it('fails when no test ran', () => {
    expect(run({}).status).toBe(1);
    expect(run({ 'a.test.ts': good }, 'no-such-file')).toEqual({ status: 1, closing: '0 passed, 1 failed' });
  });
});
