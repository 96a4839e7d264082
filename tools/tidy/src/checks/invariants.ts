import type { Check, Problem } from '../check.ts';
import type { Repository } from '../repository.ts';
import { isTest } from '../source-tree.ts';

const document = 'docs/INVARIANTS.md';
const unbuilt = 'not yet built';
const expected = [
  ...Array.from({ length: 28 }, (_, index) => `E${index}`),
  ...Array.from({ length: 9 }, (_, index) => `X${index + 1}`),
];

interface Row {
  readonly rule: string;
  readonly line: number;
  readonly proof: string;
}

/** Rows look like `| E3 | what it says | `path/of.test.ts` "words of the title" |`; several proofs are parted by `<br>`. */
function rowsOf(text: string): Row[] {
  return text.split('\n').flatMap((row, index) => {
    const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [, rule = ''] = cells;
    return /^[EX]\d+$/.test(rule) ? [{ rule, line: index + 1, proof: cells.at(-2) ?? '' }] : [];
  });
}

const mentions = (text: string, rule: string) => new RegExp(`\\b${rule}\\b`).test(text);

function wrongProof(proof: string, rule: string, repository: Repository): string | undefined {
  const [, path, title] = /^`([^`]+)` "([^"]+)"$/.exec(proof.trim()) ?? [];
  if (path === undefined || title === undefined) {
    return `${rule}: write \`path\` "words of a test's title", or ${unbuilt}; found: ${proof}`;
  }
  if (!repository.has(path)) return `${rule}: there is no ${path}`;
  const text = repository.text(path);
  if (!text.replaceAll("\\'", "'").includes(title)) return `${rule}: no test of ${path} is called "${title}"`;
  return mentions(text, rule) ? undefined : `${rule}: ${path} does not name ${rule} in return`;
}

function missingAndRepeated(rows: readonly Row[]): Problem[] {
  const missing = expected
    .filter((rule) => !rows.some((row) => row.rule === rule))
    .map((rule) => ({ path: document, message: `${rule} has no row` }));
  const repeated = rows
    .filter((row, index) => rows.findIndex(({ rule }) => rule === row.rule) !== index)
    .map(({ rule, line }) => ({ path: document, line, message: `${rule} has a second row` }));
  return [...missing, ...repeated];
}

/** A test that names a rule which the document calls unbuilt: probably the document is behind. */
function builtMeanwhile({ rule, line }: Row, repository: Repository): Problem[] {
  const named = repository.paths.filter(
    (path) => isTest(path) && path.endsWith('.ts') && !path.startsWith('tools/tidy/'),
  );
  const titled = new RegExp(`\\b(?:it|test|describe)\\b[^\\n]*['"\`][^\\n]*\\b${rule}\\b`);
  const found = named.find((path) => titled.test(repository.text(path)));
  if (found === undefined) return [];
  return [{ path: document, line, message: `${rule} is listed as ${unbuilt}, but ${found} tests it`, warning: true }];
}

export const invariants: Check = {
  name: 'invariants',
  about: 'every rule names its test and is named by it, or is listed as not yet built',
  run: (repository) => {
    if (!repository.has(document)) return [{ path: document, message: 'is missing' }];
    const rows = rowsOf(repository.text(document));
    const problems = rows.flatMap((row) => {
      if (row.proof === unbuilt) return builtMeanwhile(row, repository);
      return row.proof.split('<br>').flatMap((proof) => {
        const message = wrongProof(proof, row.rule, repository);
        return message === undefined ? [] : [{ path: document, line: row.line, message }];
      });
    });
    return [...missingAndRepeated(rows), ...problems];
  },
};
