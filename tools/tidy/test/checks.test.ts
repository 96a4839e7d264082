import { describe, expect, it } from 'vitest';
import type { Check } from '../src/check.ts';
import { addresses } from '../src/checks/addresses.ts';
import { documentClaims, documentMentions } from '../src/checks/document-claims.ts';
import { exactVersions } from '../src/checks/exact-versions.ts';
import { fileSize } from '../src/checks/file-size.ts';
import { functionSize } from '../src/checks/function-size.ts';
import { licences, thirdPartyText } from '../src/checks/licences.ts';
import { lockfile } from '../src/checks/lockfile.ts';
import { words } from '../src/checks/words.ts';
import { repositoryOf } from '../src/repository.ts';

/** What the check says about a made-up repository, `path:line message`. */
function found(check: Check, files: Readonly<Record<string, string>>): string[] {
  return check
    .run(repositoryOf(files))
    .map(({ path, line, message, warning }) => `${warning === true ? '(' : ''}${path}:${line ?? '-'} ${message}`);
}
const lines = (count: number, line = 'x();') => `${Array.from({ length: count }, () => line).join('\n')}\n`;

describe('file size', () => {
  it('refuses 301 lines, warns above 200, and is silent below', () => {
    const files = { 'libs/a/src/a.ts': lines(301), 'libs/a/src/b.ts': lines(201), 'libs/a/src/c.ts': lines(200) };
    const problems = found(fileSize, files);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain('libs/a/src/a.ts:- has 301 lines');
    expect(problems[1]).toMatch(/^\(libs\/a\/src\/b\.ts:- has 201 lines/);
  });

  it('lets suites and generated declarations be longer than wanted', () => {
    expect(found(fileSize, { 'libs/a/test/a.test.ts': lines(300), 'libs/a/src/a.d.ts': lines(900) })).toEqual([]);
  });
});

describe('function size', () => {
  it('refuses a function with 71 lines of its own, by its name', () => {
    const text = `const a = 1;\nexport const fold = () => {\n${lines(69)}};\nclass B {\n  run() {\n${lines(68)}  }\n}\n`;
    expect(found(functionSize, { 'libs/a/src/a.ts': text })).toEqual([
      'libs/a/src/a.ts:2 fold has 71 lines (at most 70)',
    ]);
  });

  it('counts the functions inside by themselves', () => {
    const inner = `  function part() {\n${lines(60)}  }\n`;
    expect(found(functionSize, { 'libs/a/src/a.ts': `function make() {\n${inner}${inner}}\n` })).toEqual([]);
    const long = `function make() {\n${inner}  function long() {\n${lines(70)}  }\n}\n`;
    expect(found(functionSize, { 'libs/a/src/a.ts': long })).toEqual([
      'libs/a/src/a.ts:64 long has 72 lines (at most 70)',
    ]);
  });
});

describe('words', () => {
  it.each([
    ['a variable', 'const offlineRows = 1;'],
    ['a class', 'class EpochCounter {}'],
    ['a property', 'interface A { readonly lastCheckpointMs: number }'],
    ['a parameter', 'function f(isRealTime: boolean) {}'],
    ['a destructured name', 'const { a: onlineStore } = b;'],
    ['a type', 'type BuildGeneration = string;'],
  ])('refuses a second word in %s', (_kind, text) => {
    expect(found(words, { 'libs/a/src/a.ts': text })).toHaveLength(1);
  });

  it('refuses it in the names of files and folders', () => {
    expect(found(words, { 'libs/a/src/utils/a.ts': '', 'libs/a/src/epoch-counter.ts': '' })).toHaveLength(2);
  });

  it('leaves other people’s names, words in texts, and words with a meaning of their own alone', () => {
    const text = "import { checkpoint } from 'x'; const a = checkpoint(db.generation, 'go offline'); // epoch";
    expect(found(words, { 'libs/a/src/a.ts': text })).toEqual([]);
    expect(found(words, { 'libs/schemas/src/a.ts': 'interface A { readonly generation: number }' })).toEqual([]);
    expect(found(words, { 'libs/view-store-embedded/src/a.ts': 'const checkpointWhenLarge = 1;' })).toEqual([]);
  });
});

describe('document claims', () => {
  const files = {
    'package.json': '{ "scripts": { "tidy": "x", "test": "x" } }',
    'docs/GLOSSARY.md': '# Words',
    'libs/a/src/fold.ts': 'export function fold() {}\nexport class Table {\n  add(row: number) {}\n}\n',
  };

  it.each([
    ['a missing file', '`libs/a/src/gone.ts`', 'there is no libs/a/src/gone.ts'],
    ['a missing symbol', '`libs/a/src/fold.ts#merge`', 'libs/a/src/fold.ts declares no merge'],
    ['a missing script', '`npm run tidi -- --write`', 'there is no npm script "tidi"'],
    ['a dead link', '[words](GLOSSARIES.md)', 'links to docs/GLOSSARIES.md, which is not there'],
  ])('reports %s with its line', (_kind, claim, message) => {
    expect(found(documentClaims, { ...files, 'docs/A.md': `# A\n\nSee ${claim}.\n` })).toEqual([
      `docs/A.md:3 ${message}`,
    ]);
  });

  it('believes what is true, and takes no pattern or foreign path for a claim', () => {
    const text = `\`libs/a/src/fold.ts#fold\`, \`libs/a/src/fold.ts#add\`, \`libs/a\`, \`libs/<name>\`, \`a/b\`, \`npm test\`,
      [words](GLOSSARY.md#slice) and [Node](https://nodejs.org).`;
    expect(found(documentClaims, { ...files, 'docs/A.md': text })).toEqual([]);
  });

  it('reports a source file that names a document which is not there', () => {
    const source = '// docs/GLOSSARY.md has the words, design/notes.md the reasons.\n';
    expect(found(documentMentions, { ...files, 'libs/a/src/a.ts': source })).toEqual([
      'libs/a/src/a.ts:1 names design/notes.md, which is not there',
    ]);
  });
});

describe('exact versions', () => {
  it.each(['^1.2.3', '~1.2.3', '1.x', '*', 'latest', 'file:../b', '>=1.0.0'])('refuses %s', (version) => {
    const manifest = JSON.stringify({ name: 'a', dependencies: { b: version } });
    expect(found(exactVersions, { 'libs/a/package.json': manifest })).toEqual([
      `libs/a/package.json:- b: "${version}" is not one exact version`,
    ]);
  });

  it('refuses two versions of one package', () => {
    const using = (version: string) => JSON.stringify({ name: version, dependencies: { b: version } });
    const files = { 'libs/a/package.json': using('1.0.0'), 'libs/c/package.json': using('1.0.1-r.2') };
    expect(found(exactVersions, files)).toEqual([
      'libs/c/package.json:- b: 1.0.1-r.2 here, 1.0.0 in libs/a/package.json',
    ]);
  });
});

describe('lockfile', () => {
  const manifest = JSON.stringify({ name: '@t/a', dependencies: { b: '1.0.0' } });
  const locked = (entry: object, dependencies = { b: '1.0.0' }) =>
    JSON.stringify({ packages: { '': {}, 'libs/a': { dependencies }, 'node_modules/b': entry } });
  const check = (lock: string) =>
    found(lockfile, { 'package.json': '{"name":"t"}', 'libs/a/package.json': manifest, 'package-lock.json': lock });

  it('refuses an address, a package without a hash, and dependencies that it does not know', () => {
    expect(check(locked({ integrity: 'sha512-x' }))).toEqual([]);
    expect(check(locked({ integrity: 'sha512-x', resolved: 'https://host.example/b.tgz' }))[0]).toContain('an address');
    expect(check(locked({}))[0]).toContain('no hash');
    expect(check(locked({ integrity: 'sha512-x' }, { b: '1.0.1' }))[0]).toContain('run npm install');
  });
});

describe('licences', () => {
  const lock = (licence: string | undefined, dev = false) =>
    JSON.stringify({ packages: { 'node_modules/b': { version: '1.0.0', dev, ...(licence && { license: licence }) } } });
  const check = (text: string) => {
    const listed = thirdPartyText(repositoryOf({ 'package-lock.json': text }));
    return found(licences, { 'package-lock.json': text, 'THIRD_PARTY.md': listed });
  };

  it('lets pass what may be passed on, and one fit choice of several', () => {
    for (const licence of ['MIT', 'Apache-2.0', '(GPL-3.0 OR MIT)', 'MIT AND ISC'])
      expect(check(lock(licence))).toEqual([]);
  });

  it.each([['GPL-3.0'], ['MIT AND GPL-3.0'], ['SEE LICENSE IN EULA'], [undefined]])('refuses %s', (licence) => {
    expect(check(lock(licence))).toEqual([`package-lock.json:- b 1.0.0: licence ${licence ?? 'not stated'}`]);
  });

  it('does not mind what only develops Twofold', () => {
    expect(check(lock('GPL-3.0', true))).toEqual([]);
  });

  it('reports a list that fell behind', () => {
    const files = { 'package-lock.json': lock('MIT'), 'THIRD_PARTY.md': '# Third-party software\n' };
    expect(found(licences, files)).toEqual(['THIRD_PARTY.md:- is not up to date; run npm run tidy -- --write']);
  });
});

describe('addresses', () => {
  // Put together here, or the check would find its own test.
  const planted: readonly (readonly [string, string])[] = [
    ['somebody’s home', ['', 'home', 'me', 'twofold'].join('/')],
    ['a working folder', ['', 'work', 'main'].join('/')],
    ['a temporary folder', `'${['', 'tmp', 'data'].join('/')}'`],
    ['a Windows home', ['C:', 'Users', 'me'].join('\\')],
    ['a registry', `https://${['registry', 'npmjs', 'org'].join('.')}/b`],
    ['a private registry', `https://${['npm', 'artifactory', 'example'].join('.')}/b`],
    ['a private network', ['10', '0', '3', '7'].join('.')],
  ];

  it.each(planted)('refuses %s', (_kind, text) => {
    expect(found(addresses([]), { 'docs/a.md': `# A\n\nsee ${text}\n` })).toHaveLength(1);
  });

  it('refuses the words that it is told to', () => {
    expect(found(addresses(['secret tool']), { '.ci/run': 'call the Secret Tool\n' })).toEqual([
      '.ci/run:1 "Secret Tool" is a word of TWOFOLD_TIDY_WORDS',
    ]);
  });

  it('lets loopback, relative paths, versions and routes pass', () => {
    const text = `127.0.0.1:4000 0.0.0.0 ./work/a libs/tmp/b \${root}/tmp/c https://nodejs.org 10.4.0 GET /graphql /healthz`;
    expect(found(addresses([]), { 'docs/a.md': text })).toEqual([]);
  });
});
