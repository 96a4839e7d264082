import ts from 'typescript';
import type { Check, Problem } from '../check.ts';
import { isSource, lineOf, sourceTree, walk } from '../source-tree.ts';

/** Words that would be second names for what docs/GLOSSARY.md names already, and the word to use. */
const banned: Readonly<Record<string, string>> = {
  online: 'speed',
  offline: 'batch',
  realtime: 'speed',
  epoch: 'sequence, release or slice',
  checkpoint: 'progress',
  generation: 'build',
  segmentation: 'slice',
  tombstone: 'retract or redact',
  util: 'a name that says what it does',
  utils: 'a name that says what it does',
  helper: 'a name that says what it does',
  helpers: 'a name that says what it does',
};

/** Where a word has a meaning of its own that is not ours. */
const allowed: readonly { readonly word: string; readonly path: RegExp; readonly identifier?: RegExp }[] = [
  // How often a dictionary has started over; a field of the port, and what remembers it.
  {
    word: 'generation',
    path: /^libs\/(schemas|views|archive|archive-parquet|batch-engine-duckdb)\//,
    identifier: /^#?generation$/i,
  },
  // SQLite's own name for moving its write-ahead log into the database.
  { word: 'checkpoint', path: /^libs\/view-store-embedded\// },
];

/** A word may stand in two: real time, off line. */
export function wordsOf(identifier: string): string[] {
  const parts = identifier
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((part) => part !== '');
  return [...parts, ...parts.slice(1).map((part, index) => `${parts[index] ?? ''}${part}`)];
}

function complaint(identifier: string, path: string): string | undefined {
  for (const word of wordsOf(identifier)) {
    const instead = Object.hasOwn(banned, word) ? banned[word] : undefined;
    if (instead === undefined) continue;
    const excused = allowed.some(
      (each) => each.word === word && each.path.test(path) && (each.identifier?.test(identifier) ?? true),
    );
    if (!excused) return `"${identifier}" says "${word}"; the glossary's word is: ${instead}`;
  }
  return undefined;
}

/** Identifiers that the file declares. What another package calls its own things is not our business. */
function declaredNames(tree: ts.SourceFile): ts.Identifier[] {
  const names: ts.Identifier[] = [];
  walk(tree, (node) => {
    const name = ts.isBindingElement(node) || ts.isVariableDeclaration(node) ? node.name : declarationName(node);
    if (name !== undefined && ts.isIdentifier(name)) names.push(name);
  });
  return names;
}

function declarationName(node: ts.Node): ts.Node | undefined {
  if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isParameter(node)) return node.name;
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return node.name;
  if (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) return node.name;
  return undefined;
}

export const words: Check = {
  name: 'words',
  about: 'no identifier, file or folder uses a second word for a thing of the glossary',
  run: (repository) => {
    const problems: Problem[] = [];
    for (const path of repository.paths.filter(isSource)) {
      const inPath = path
        .split('/')
        .map((part) => complaint(part, path))
        .find((each) => each !== undefined);
      if (inPath !== undefined) problems.push({ path, message: inPath });
      const tree = sourceTree(repository, path);
      for (const name of declaredNames(tree)) {
        const message = complaint(name.text, path);
        if (message !== undefined) problems.push({ path, line: lineOf(tree, name.getStart(tree)), message });
      }
    }
    return problems;
  },
};
