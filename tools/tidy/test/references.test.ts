import { describe, expect, it } from 'vitest';
import { references } from '../src/checks/references.ts';
import { repositoryOf } from '../src/repository.ts';

interface Planted {
  readonly source?: string;
  readonly test?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly references?: readonly { path: string }[];
  readonly rootReferences?: readonly { path: string }[];
}

/** A workspace of two packages; `@t/a` is as planted, `@t/b` is there to be imported. */
function found(planted: Planted) {
  const rootReferences = JSON.stringify({
    references: planted.rootReferences ?? [{ path: './libs/a' }, { path: './libs/b' }],
  });
  const { dependencies = {}, devDependencies = {} } = planted;
  return references
    .run(
      repositoryOf({
        'package.json': JSON.stringify({ name: 't', devDependencies: { vitest: '1.0.0' } }),
        'tsconfig.json': rootReferences,
        'tsconfig.tests.json': rootReferences,
        'libs/a/package.json': JSON.stringify({ name: '@t/a', dependencies, devDependencies }),
        'libs/a/tsconfig.json': JSON.stringify({ references: planted.references ?? [] }),
        'libs/a/src/index.ts': planted.source ?? '',
        'libs/a/test/a.test.ts': planted.test ?? '',
        'libs/b/package.json': JSON.stringify({ name: '@t/b' }),
        'libs/b/tsconfig.json': '{}',
        'libs/b/src/index.ts': '',
      }),
    )
    .map(({ path, message }) => `${path} ${message}`);
}
const dependencies = { '@t/b': '0.0.0' };

describe('references', () => {
  it('is silent where package.json and tsconfig.json name what is imported', () => {
    expect(found({ source: "import '@t/b/testing';", dependencies, references: [{ path: '../b' }] })).toEqual([]);
    expect(
      found({ source: "import fs from 'node:fs'; import './a.ts';", test: "import 'vitest'; import '@t/a';" }),
    ).toEqual([]);
  });

  it.each([
    ['an import', "import { b } from '@t/b';"],
    ['a type import', "import type { B } from '@t/b';"],
    ['a dynamic import', "const b = await import('@t/b/sub');"],
    ['an import in a type', "export type B = import('@t/b').B;"],
    ['a re-export', "export * from '@t/b';"],
    ['a resolve', "import.meta.resolve('@t/b');"],
  ])('reports %s of a package that is not named', (_kind, source) => {
    expect(found({ source, references: [{ path: '../b' }] })).toEqual([
      'libs/a/package.json imports @t/b without naming it as a dependency',
    ]);
  });

  it('does not let production code live on what only tests may use', () => {
    expect(found({ source: "import 'vitest';" })).toHaveLength(1);
    expect(found({ source: "import 'c';", devDependencies: { c: '1.0.0' } })).toHaveLength(1);
    expect(found({ test: "import 'c';", devDependencies: { c: '1.0.0' } })).toEqual([]);
  });

  it('reports a dependency that nothing imports', () => {
    expect(found({ dependencies })).toEqual(['libs/a/package.json names @t/b, which nothing here imports']);
  });

  it('reports a reference that is missing, in the package and at the root', () => {
    expect(found({ source: "import '@t/b';", dependencies })).toEqual([
      'libs/a/tsconfig.json imports @t/b without a reference to libs/b',
    ]);
    expect(found({ rootReferences: [{ path: './libs/a' }] })).toEqual([
      'tsconfig.json has no reference to libs/b',
      'tsconfig.tests.json has no reference to libs/b',
    ]);
  });
});
