import { type Check, type Problem, lineAt } from '../check.ts';

// Character classes keep these patterns from finding themselves.
const patterns: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  {
    pattern: /(?<![\w.}\-*])\/(?:work|home|root|tmp|Users|var\/folders)\/[\w.-]/g,
    what: 'a path of somebody’s machine; make it relative, or take it as an argument',
  },
  { pattern: /\b[A-Z]:\\\\?(?:Users|work)\b/g, what: 'a path of somebody’s machine' },
  {
    pattern: /\b(?:registry[.]npmjs|registry[.]yarnpkg|npm[.]pkg[.]github|files[.]pythonhosted|proxy[.]golang)[.]\w+/g,
    what: 'the host of a registry; which one is used is everybody’s own setting',
  },
  {
    pattern: /https?:\/\/[\w.-]*\b(?:artifactory|nexus|verdaccio|npm-mirror|npm-proxy)\b/g,
    what: 'the host of a private registry',
  },
  {
    pattern: /\b(?:10[.]\d{1,3}|192[.]168|172[.](?:1[6-9]|2\d|3[01]))[.]\d{1,3}[.]\d{1,3}\b/g,
    what: 'an address of a private network',
  },
];

/** Data and pictures; nobody writes an address there by hand. */
const isData = /\.(parquet|arrow|csv|tsv|png|jpg|ico|gz|zst|bin|wasm)$/;

/**
 * Nothing in the repository points at one person's machine or network. `extraWords` are further words to refuse: what
 * must not be named can not be listed here.
 */
export function addresses(extraWords: readonly string[]): Check {
  const extra = extraWords.map((word) => ({
    pattern: new RegExp(`\\b${word.replace(/[^\w\s]/g, '\\$&')}\\b`, 'gi'),
    what: 'a word of TWOFOLD_TIDY_WORDS',
  }));
  return {
    name: 'addresses',
    about: 'no machine path, registry host or private address',
    run: (repository) => {
      const problems: Problem[] = [];
      for (const path of repository.paths.filter((name) => !isData.test(name))) {
        const text = repository.text(path);
        for (const { pattern, what } of [...patterns, ...extra]) {
          for (const match of text.matchAll(pattern)) {
            problems.push({ path, line: lineAt(text, match.index), message: `"${match[0]}" is ${what}` });
          }
        }
      }
      return problems;
    },
  };
}
