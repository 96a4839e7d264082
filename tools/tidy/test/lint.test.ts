import path from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import { refreshProjectGraph } from '../src/project-graph.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const boundaries = '@nx/enforce-module-boundaries';
const imports = '@typescript-eslint/no-restricted-imports';

let eslint: ESLint;
beforeAll(() => {
  refreshProjectGraph(root);
  eslint = new ESLint({ cwd: root });
});

/** The rules that object to `text` standing in the file; the file itself is not touched. */
async function rulesAgainst(filePath: string, text: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: path.join(root, filePath) });
  return result?.messages.map(({ ruleId }) => ruleId) ?? [];
}

// One planted violation of each kind: where it stands, what it says, which rule has to find it.
const planted: readonly (readonly [title: string, file: string, text: string, rule: string])[] = [
  ['an app importing another app', 'apps/speed-layer', "import '@twofold/batch-layer';", boundaries],
  ['the serving API seeing a log', 'apps/serving-api', "import '@twofold/event-log';", boundaries],
  ['the serving API seeing a batch engine', 'apps/serving-api', "import '@twofold/batch-engine';", boundaries],
  ['the domain knowing a port', 'libs/views', "import '@twofold/view-store';", boundaries],
  ['a port knowing an adapter', 'libs/event-log', "import '@twofold/event-log-embedded';", boundaries],
  ['an app choosing its adapter', 'apps/speed-layer', "import '@twofold/view-store-embedded';", boundaries],
  ['a relative way into another project', 'apps/speed-layer', "import '../../batch-layer/src/index.ts';", boundaries],
  ['the domain reading files', 'libs/schemas', "import { readFileSync } from 'node:fs'; readFileSync('a');", imports],
  ['a technology outside its package', 'libs/archive', "import 'hyparquet';", imports],
  ['a driver in an app', 'apps/batch-layer', "import '@duckdb/node-api';", imports],
  ['GraphQL outside the serving API', 'apps/speed-layer', "import 'graphql-yoga';", imports],
  ['test helpers in production code', 'apps/speed-layer', "import '@twofold/event-log/testing';", imports],
  [
    'timers by import',
    'apps/speed-layer',
    "import { setTimeout as s } from 'node:timers/promises'; await s(1);",
    imports,
  ],
  [
    'the oracle calling what it judges',
    'tools/oracle',
    "import { defineView } from '@twofold/views'; defineView();",
    imports,
  ],
  ['the wall clock in the domain', 'libs/views', 'export const t = Date.now();', 'no-restricted-syntax'],
  ['a date of now in a port', 'libs/view-store', 'export const t = new Date();', 'no-restricted-syntax'],
  ['chance in a service', 'apps/batch-layer', 'export const r = Math.random();', 'no-restricted-syntax'],
  ['the environment in a service', 'apps/batch-layer', "export const e = process.env['A'];", 'no-restricted-syntax'],
  ['a timer in a service', 'apps/speed-layer', 'setTimeout(() => undefined, 1);', 'no-restricted-globals'],
  [
    'a timer by way of globalThis',
    'apps/speed-layer',
    'globalThis.setTimeout(() => undefined, 1);',
    'no-restricted-globals',
  ],
  ['an error without a code', 'libs/archive', "throw new Error('no');", 'no-restricted-syntax'],
  ['any', 'libs/archive', 'export const a: any = 1;', '@typescript-eslint/no-explicit-any'],
  ['a promise nobody waits for', 'libs/archive', 'Promise.resolve(1);', '@typescript-eslint/no-floating-promises'],
  [
    'a switch that forgets a case',
    'libs/archive',
    "export const f = (a: 'x' | 'y') => { switch (a) { case 'x': return 1; } return 2; };",
    '@typescript-eslint/switch-exhaustiveness-check',
  ],
];

describe('lint', () => {
  it.each(planted)('reports %s', async (_title, folder, text, rule) => {
    expect(await rulesAgainst(`${folder}/src/index.ts`, text)).toContain(rule);
  });

  it('can not be switched off by a comment', async () => {
    const text = '// eslint-disable-next-line no-restricted-syntax\nexport const t = Date.now();';
    expect(await rulesAgainst('libs/views/src/index.ts', text)).toContain('no-restricted-syntax');
  });

  it.each([
    ['a composition root importing an app', 'tools/simulator/src/index.ts', "export * from '@twofold/speed-layer';"],
    ['an app importing a port', 'apps/speed-layer/src/index.ts', "export type { EventLog } from '@twofold/event-log';"],
    ['the oracle reading declarations', 'tools/oracle/src/index.ts', "export type * from '@twofold/views';"],
    ['a technology at home', 'libs/batch-engine-duckdb/src/index.ts', "export * from '@duckdb/node-api';"],
    ['the clock where it is made', 'libs/service/src/index.ts', 'export const now = () => Date.now();'],
  ])('lets pass %s', async (_title, file, text) => {
    expect(await rulesAgainst(file, text)).toEqual([]);
  });
});
