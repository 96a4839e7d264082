import { type Check, type Problem, lineAt } from '../check.ts';
import type { Repository } from '../repository.ts';

const isDocument = (path: string) =>
  /^(docs\/.*|README|[\w-]+\/[\w-]+\/README|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$/.test(path);

/** Top-level names under which a word in backticks is taken for a path. */
function isPathClaim(claim: string, repository: Repository): boolean {
  if (/[<>*{}…\s$]/.test(claim)) return false;
  const [top] = claim.split('/');
  return claim.includes('/') && top !== undefined && repository.has(top);
}

function declares(text: string, symbol: string): boolean {
  const name = symbol.replace(/[^\w]/g, '\\$&');
  return new RegExp(
    `\\b(?:function\\*?|class|const|let|interface|type)\\s+${name}\\b|^\\s*(?:readonly |async |static |#)*${name}\\??[(:<]`,
    'm',
  ).test(text);
}

function wrongClaim(claim: string, repository: Repository): string | undefined {
  const command = /^npm (?:run )?([\w:-]+)/.exec(claim)?.[1];
  if (command !== undefined && (claim.startsWith('npm run ') || command === 'start' || command === 'test')) {
    const { scripts = {} } = JSON.parse(repository.text('package.json')) as { scripts?: Record<string, string> };
    return Object.hasOwn(scripts, command) ? undefined : `there is no npm script "${command}"`;
  }
  if (!isPathClaim(claim, repository)) return undefined;
  const [path = '', symbol] = claim.split('#');
  if (!repository.has(path)) return `there is no ${path}`;
  if (symbol !== undefined && !declares(repository.text(path), symbol)) return `${path} declares no ${symbol}`;
  return undefined;
}

/** `path` and `path#symbol` in backticks, `npm run verb`, and links to files of the repository. */
export const documentClaims: Check = {
  name: 'document claims',
  about: 'every file, symbol, script and link that a document names exists',
  run: (repository) => {
    const problems: Problem[] = [];
    for (const path of repository.paths.filter(isDocument)) {
      const text = repository.text(path);
      for (const match of text.matchAll(/`([^`\n]+)`/g)) {
        const wrong = wrongClaim(match[1] ?? '', repository);
        if (wrong !== undefined) problems.push({ path, line: lineAt(text, match.index), message: wrong });
      }
      for (const match of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
        const target = new URL(match[1] ?? '', `file:///${path}`).pathname.slice(1);
        if (repository.has(decodeURIComponent(target))) continue;
        problems.push({ path, line: lineAt(text, match.index), message: `links to ${target}, which is not there` });
      }
    }
    return problems;
  },
};

/** A comment or text that names a Markdown file of ours names one that exists. */
export const documentMentions: Check = {
  name: 'document mentions',
  about: 'every document that a source file names exists',
  run: (repository) => {
    const problems: Problem[] = [];
    for (const path of repository.paths.filter((name) => /\.(ts|mjs|js)$/.test(name) && !name.includes('/test/'))) {
      const text = repository.text(path);
      for (const match of text.matchAll(/(?<![\w/.-])((?:[\w-]+\/)+[\w-]+\.md)\b/g)) {
        const mentioned = match[1] ?? '';
        if (repository.has(mentioned)) continue;
        problems.push({ path, line: lineAt(text, match.index), message: `names ${mentioned}, which is not there` });
      }
    }
    return problems;
  },
};
