import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import type { Check, Problem } from '../check.ts';
import { type WorkspacePackage, packagesOf } from '../packages.ts';
import type { Repository } from '../repository.ts';
import { isSource, isTest, sourceTree, walk } from '../source-tree.ts';

/** The packages that a file imports, statically, by type or dynamically, without what Node brings. */
function importsOf(repository: Repository, file: string): Set<string> {
  const found = new Set<string>();
  walk(sourceTree(repository, file), (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined || specifier.startsWith('.') || specifier.startsWith('node:')) return;
    const [scope = '', name = ''] = specifier.split('/');
    const wanted = scope.startsWith('@') ? `${scope}/${name}` : scope;
    if (!builtinModules.includes(wanted)) found.add(wanted);
  });
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  const argument =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
        ? node.argument.literal
        : isLoadingCall(node)
          ? node.arguments[0]
          : undefined;
  return argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : undefined;
}

/** `import('x')`, `require('x')`, `require.resolve('x')`, `import.meta.resolve('x')`. */
function isLoadingCall(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return /^(?:require|require\.resolve|import\.meta\.resolve)$/.test(expression.getText());
}

function importsUnder(repository: Repository, folder: string, inTests: boolean): Set<string> {
  const isProduction = (file: string) => file.startsWith(`${folder}/src/`) && !isTest(file);
  const files = repository.paths.filter(
    (file) => file.startsWith(`${folder}/`) && isSource(file) && isProduction(file) !== inTests,
  );
  return new Set(files.flatMap((file) => [...importsOf(repository, file)]));
}

function referencesOf(repository: Repository, config: string): Set<string> {
  if (!repository.has(config)) return new Set();
  const parsed = JSON.parse(repository.text(config)) as { references?: readonly { path: string }[] };
  return new Set((parsed.references ?? []).map((each) => path.posix.join(path.posix.dirname(config), each.path)));
}

function packageProblems(repository: Repository, own: WorkspacePackage, all: readonly WorkspacePackage[]): Problem[] {
  const { folder, file, manifest } = own;
  const root = all.find((each) => each.folder === '.')?.manifest.devDependencies ?? {};
  const named = manifest.dependencies ?? {};
  const namedForTests = { ...named, ...manifest.devDependencies, ...root };
  const isTool = manifest.nx?.tags?.some((tag) => tag === 'type:tool' || tag === 'type:root') ?? false;
  const inSource = importsUnder(repository, folder, false);
  const inTests = importsUnder(repository, folder, true);
  const unnamed = [
    ...[...inSource].filter((name) => !Object.hasOwn(isTool ? namedForTests : named, name)),
    ...[...inTests].filter((name) => !Object.hasOwn(namedForTests, name)),
  ].filter((name) => name !== manifest.name);
  const unused = Object.keys({ ...named, ...manifest.devDependencies }).filter(
    (name) => !inSource.has(name) && !inTests.has(name),
  );
  const wantedReferences = all.filter((each) => inSource.has(each.manifest.name) && each.folder !== folder);
  const config = `${folder}/tsconfig.json`;
  const references = referencesOf(repository, config);
  return [
    ...[...new Set(unnamed)].map((name) => ({
      path: file,
      message: `imports ${name} without naming it as a dependency`,
    })),
    ...unused.map((name) => ({ path: file, message: `names ${name}, which nothing here imports` })),
    ...wantedReferences
      .filter((each) => !references.has(each.folder))
      .map((each) => ({
        path: config,
        message: `imports ${each.manifest.name} without a reference to ${each.folder}`,
      })),
  ];
}

export const references: Check = {
  name: 'references',
  about: 'package.json and tsconfig.json name what is imported, and nothing else',
  run: (repository) => {
    const all = packagesOf(repository);
    const packages = all.filter(({ folder }) => folder !== '.');
    const problems = packages.flatMap((own) => packageProblems(repository, own, all));
    for (const config of ['tsconfig.json', 'tsconfig.tests.json']) {
      const known = referencesOf(repository, config);
      const missing = packages.filter(({ folder }) => !known.has(folder));
      problems.push(...missing.map(({ folder }) => ({ path: config, message: `has no reference to ${folder}` })));
    }
    return problems;
  },
};
