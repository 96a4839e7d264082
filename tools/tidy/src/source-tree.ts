import ts from 'typescript';
import type { Repository } from './repository.ts';

const trees = new WeakMap<Repository, Map<string, ts.SourceFile>>();

/** Hand-written program text; declarations and generated output are not. */
export function isSource(path: string): boolean {
  return /\.(ts|tsx|mjs|js)$/.test(path) && !path.endsWith('.d.ts');
}

/** Tests, contract suites and their helpers: they are read beside what they test. */
export function isTest(path: string): boolean {
  return /(^|\/)test\/|\/src\/testing\//.test(path);
}

/** The parsed file; parsed once for all checks. */
export function sourceTree(repository: Repository, path: string): ts.SourceFile {
  const known = trees.get(repository) ?? new Map<string, ts.SourceFile>();
  trees.set(repository, known);
  const tree = known.get(path) ?? ts.createSourceFile(path, repository.text(path), ts.ScriptTarget.Latest, true);
  known.set(path, tree);
  return tree;
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}
