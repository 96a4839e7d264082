import { describe, expect, it } from 'vitest';
import { invariants } from '../src/checks/invariants.ts';
import { repositoryOf } from '../src/repository.ts';

const rules = [
  ...Array.from({ length: 28 }, (_, index) => `E${index}`),
  ...Array.from({ length: 9 }, (_, index) => `X${index + 1}`),
];

/** The document with one proof for E3, and one test file that does or does not answer it. */
function found(proof: string, testText: string, omit: readonly string[] = []) {
  const rows = rules
    .filter((rule) => !omit.includes(rule))
    .map((rule) => `| ${rule} | what holds, a \\| b | ${rule === 'E3' ? proof : 'not yet built'} |`);
  const files = {
    'docs/INVARIANTS.md': `# Invariants\n\n| rule | what | proof |\n| --- | --- | --- |\n${rows.join('\n')}\n`,
    'libs/a/test/cover.test.ts': testText,
  };
  return invariants
    .run(repositoryOf(files))
    .map(({ message, warning }) => `${warning === true ? 'perhaps: ' : ''}${message}`);
}

const proof = '`libs/a/test/cover.test.ts` "names every position once"';

describe('invariants', () => {
  it('accepts a rule whose test is there and names it', () => {
    expect(found(proof, "it('E3: names every position once', () => {});")).toEqual([]);
    expect(found(`${proof}<br>${proof}`, "// E3\nit('names every position once', () => {});")).toEqual([]);
  });

  it.each([
    ['a file that is not there', proof.replace('cover', 'gone'), '// E3', 'E3: there is no libs/a/test/gone.test.ts'],
    [
      'a title that is not there',
      proof,
      "// E3\nit('other')",
      'E3: no test of libs/a/test/cover.test.ts is called "names every position once"',
    ],
    [
      'a test that does not name the rule',
      proof,
      "// E30\nit('names every position once')",
      'E3: libs/a/test/cover.test.ts does not name E3 in return',
    ],
    [
      'a proof that is none',
      'by reading',
      '',
      'E3: write `path` "words of a test\'s title", or not yet built; found: by reading',
    ],
  ])('refuses %s', (_kind, wrongProof, testText, message) => {
    expect(found(wrongProof, testText)).toEqual([message]);
  });

  it('refuses a document that leaves a rule out', () => {
    expect(found('not yet built', '', ['E27', 'X1'])).toEqual(['E27 has no row', 'X1 has no row']);
  });

  it('points out a rule that has a test but is listed as not yet built', () => {
    expect(found('not yet built', "describe('E3 E24: the cover', () => {});")).toEqual([
      'perhaps: E3 is listed as not yet built, but libs/a/test/cover.test.ts tests it',
      'perhaps: E24 is listed as not yet built, but libs/a/test/cover.test.ts tests it',
    ]);
  });
});
