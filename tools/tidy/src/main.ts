// The repository's own checks: `npm run tidy`. With `-- --write`, first writes the files that follow from others.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Problem } from './check.ts';
import { checksOf } from './checks.ts';
import { thirdPartyFile, thirdPartyText } from './checks/licences.ts';
import { workingTree } from './repository.ts';

const root = path.resolve(import.meta.dirname, '../../..');

function formatted(): boolean {
  const prettier = path.join(root, 'node_modules/prettier/bin/prettier.cjs');
  const args = [prettier, '--check', '--cache', '--cache-location', '.cache/prettier', '--log-level', 'warn', '.'];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function line(check: string, { path: file, line: at, message, warning }: Problem): string {
  return `${warning === true ? 'warning' : 'error'}  ${file}${at === undefined ? '' : `:${at}`}  ${message}  (${check})`;
}

if (process.argv.includes('--write')) {
  writeFileSync(path.join(root, thirdPartyFile), thirdPartyText(workingTree(root)));
}
const repository = workingTree(root);
const extraWords = (process.env['TWOFOLD_TIDY_WORDS'] ?? '').split(',').filter((word) => word !== '');
let errors = 0;
let warnings = 0;
const checks = checksOf(extraWords);
for (const check of checks) {
  for (const problem of check.run(repository)) {
    console.log(line(check.name, problem));
    if (problem.warning === true) warnings += 1;
    else errors += 1;
  }
}
if (!formatted()) errors += 1;
console.log(
  `tidy: ${repository.paths.length} files, ${checks.length + 1} checks, ${errors} errors, ${warnings} warnings`,
);
process.exitCode = errors > 0 ? 1 : 0;
