import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkspace, start } from './make-workspace.ts';

const PRINTS = 'console.log(process.argv[3]); process.exit(Number(process.argv[4]));';

let root = '';
let program = PRINTS;
beforeEach(() => {
  root = makeWorkspace();
  program = PRINTS;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs .ci/run over stages whose only program prints its second argument and exits with its third, unless another is set. */
async function ci(stages: readonly object[], ...args: string[]) {
  writeFileSync(`${root}/tools/bootstrap/stages.mjs`, `export const stages = ${JSON.stringify(stages)};`);
  writeFileSync(`${root}/program.cjs`, program);
  const { code, stdout } = await start(root, ['.ci/run', ...args], 'bash').ended;
  return {
    code,
    lines: stdout
      .replace(/ in \d+ s/g, '')
      .trimEnd()
      .split('\n'),
  };
}
const stage = (name: string, says: string, exit: number) => ({ name, verb: 'types', args: [says, String(exit)] });

describe('.ci/run', () => {
  it('adds up what the stages counted, a stage without counts being one', async () => {
    const outcome = await ci([stage('a', 'hello\n12 passed, 0 failed, 2 skipped', 0), stage('b', 'fine', 0)]);
    expect(outcome).toEqual({
      code: 0,
      lines: [
        'a: good (12 passed, 0 failed, 2 skipped)',
        'b: good (1 passed, 0 failed)',
        '13 passed, 0 failed, 2 skipped',
      ],
    });
  });

  it('goes on after a failure, and shows what only the failed stage wrote', async () => {
    const outcome = await ci([
      stage('a', 'the reason\n3 passed, 2 failed', 1),
      stage('b', 'broken', 7),
      stage('c', 'quiet', 0),
    ]);
    expect(outcome).toEqual({
      code: 1,
      lines: [
        'Installing dependencies (once, about a minute) … done',
        'the reason',
        '3 passed, 2 failed',
        'a: FAILED (3 passed, 2 failed)',
        'broken',
        'b: FAILED (0 passed, 1 failed)',
        'c: good (1 passed, 0 failed)',
        '4 passed, 3 failed',
      ],
    });
  });

  it('runs those that may run beside another one two at a time, after the others', async () => {
    program = `const { existsSync, writeFileSync } = require('node:fs');
      const [, , , mine, other] = process.argv;
      writeFileSync(mine, '');
      const until = Date.now() + 60_000;
      const look = () => existsSync(other) || Date.now() > until ? process.exit(existsSync(other) ? 0 : 1) : setTimeout(look, 20);
      look();`;
    const pair = (mine: string, other: string) => ({ ...stage(mine, mine, 0), args: [mine, other], beside: true });
    const outcome = await ci([
      pair('a', 'b'),
      pair('b', 'a'),
      { ...stage('first', 'c', 0), args: ['c', 'program.cjs'] },
    ]);
    expect(outcome.lines[0]).toBe('first: good (1 passed, 0 failed)');
    expect(outcome.lines.at(-1)).toBe('3 passed, 0 failed');
  });

  it('does not believe good counts with a bad exit code, nor the other way round', async () => {
    const outcome = await ci([stage('a', '5 passed, 0 failed', 1), stage('b', '5 passed, 1 failed', 0)]);
    expect(outcome.lines.at(-1)).toBe('10 passed, 2 failed');
    expect(outcome.code).toBe(1);
  });

  it('shows a stage that can not run yet as skipped, and fails when nothing ran', async () => {
    const outcome = await ci([{ ...stage('a', 'x', 0), needs: 'apps/gone.ts' }]);
    expect(outcome).toEqual({
      code: 1,
      lines: ['a: skipped, apps/gone.ts is not built yet', '0 passed, 0 failed, 1 skipped'],
    });
  });

  it('runs the stages that are named, and refuses a name that it does not know', async () => {
    const stages = [stage('a', 'x', 0), stage('b', 'x', 1)];
    expect((await ci(stages, 'a')).lines).toEqual(['a: good (1 passed, 0 failed)', '1 passed, 0 failed']);
    expect((await ci(stages, 'c')).lines).toEqual(['There is no stage "c"; there are: a, b']);
  });
});
