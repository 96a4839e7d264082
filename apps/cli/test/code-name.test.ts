import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { codeName } from '../src/code-name.ts';

const root = mkdtempSync(path.join(tmpdir(), 'twofold-code-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
}

const own = { 'package.json': '{\n  "name": "twofold"\n}' };

test.each([
  ['a branch', { ...own, '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${COMMIT}\n` }],
  [
    'a branch that git has packed',
    { ...own, '.git/HEAD': 'ref: refs/heads/a/b', '.git/packed-refs': `# x\n${COMMIT} refs/heads/a/b\n` },
  ],
  ['a commit by itself', { ...own, '.git/HEAD': COMMIT }],
] as const)('the commit of the folder is named: %s', (_, files) => {
  put(files);
  expect(codeName({}, root)).toMatch(/^twofold \d+\.\d+\.\d+ commit 0123456789ab, node \d+/);
});

test.each([
  ['no repository', own],
  ['a repository that is damaged', { ...own, '.git/HEAD': 'ref: refs/heads/main' }],
  ["somebody else's repository", { 'package.json': '{ "name": "shop" }', '.git/HEAD': COMMIT }],
  ['nothing at all', {}],
] as const)('version and Node are named without it: %s', (_, files) => {
  put(files);
  expect(codeName({}, root)).toMatch(/^twofold \d+\.\d+\.\d+, node \d+/);
});

test('an environment says which commit it is', () => {
  expect(codeName({ TWOFOLD_COMMIT: 'ffff0000' }, root)).toMatch(/^twofold \S+ commit ffff0000, node/);
});
