import ts from 'typescript';
import type { Check, Problem } from '../check.ts';
import { isSource, isTest, lineOf, sourceTree, walk } from '../source-tree.ts';

const linesMax = 70;

/**
 * Counted without the functions inside, which are counted by themselves: a factory that returns a dozen small
 * functions is no longer than what it does besides. Suites of tests are functions only in form, and are left out.
 */
export const functionSize: Check = {
  name: 'function size',
  about: `no function has more than ${linesMax} lines of its own`,
  run: (repository) =>
    repository.paths
      .filter((path) => isSource(path) && !isTest(path))
      .flatMap((path) => {
        const tree = sourceTree(repository, path);
        const problems: Problem[] = [];
        walk(tree, (node) => {
          if (!hasBody(node)) return;
          const lines = linesOf(node, tree) - linesInside(node, tree);
          if (lines <= linesMax) return;
          const line = lineOf(tree, node.getStart(tree));
          problems.push({ path, line, message: `${nameOf(node, tree)} has ${lines} lines (at most ${linesMax})` });
        });
        return problems;
      }),
};

function hasBody(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function linesOf(node: ts.Node, tree: ts.SourceFile): number {
  return lineOf(tree, node.end) - lineOf(tree, node.getStart(tree)) + 1;
}

/** Lines of the outermost functions inside; one that shares its only line with its surroundings takes none away. */
function linesInside(node: ts.Node, tree: ts.SourceFile): number {
  let lines = 0;
  ts.forEachChild(node, (child) => {
    const own = linesOf(child, tree);
    lines += hasBody(child) ? (own > 1 ? own : 0) : linesInside(child, tree);
  });
  return lines;
}

function nameOf(node: ts.SignatureDeclaration, tree: ts.SourceFile): string {
  if (node.name !== undefined) return node.name.getText(tree);
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText(tree);
  return node.kind === ts.SyntaxKind.Constructor ? 'the constructor' : 'a function';
}
