import type { Check, Problem } from '../check.ts';
import { packagesOf } from '../packages.ts';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const document = 'package-lock.json';
const sorted = (record: Readonly<Record<string, string>> = {}) => JSON.stringify(Object.entries(record).sort());

export const lockfile: Check = {
  name: 'lockfile',
  about: 'the lockfile names no host, hashes every package and agrees with every package.json',
  run: (repository) => {
    const { packages = {} } = JSON.parse(repository.text(document)) as { packages?: Record<string, Locked> };
    const problems: Problem[] = [];
    for (const [name, { resolved, integrity, link }] of Object.entries(packages)) {
      if (resolved !== undefined && /^[a-z+]+:/.test(resolved)) {
        problems.push({
          path: document,
          message: `${name} is resolved to an address; the .npmrc of the project prevents that`,
        });
      }
      if (name.includes('node_modules/') && link !== true && integrity === undefined) {
        problems.push({ path: document, message: `${name} has no hash` });
      }
    }
    for (const { folder, file, manifest } of packagesOf(repository)) {
      const locked = packages[folder === '.' ? '' : folder];
      const agrees = (['dependencies', 'devDependencies'] as const).every(
        (kind) => sorted(locked?.[kind]) === sorted(manifest[kind]),
      );
      if (!agrees)
        problems.push({ path: file, message: 'names other dependencies than the lockfile; run npm install' });
    }
    return problems;
  },
};
