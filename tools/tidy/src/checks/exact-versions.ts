import type { Check, Problem } from '../check.ts';
import { packagesOf } from '../packages.ts';

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
const exact = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

export const exactVersions: Check = {
  name: 'exact versions',
  about: 'every dependency is named with one version, and the same one everywhere',
  run: (repository) => {
    const problems: Problem[] = [];
    const seen = new Map<string, { version: string; file: string }>();
    const packages = packagesOf(repository);
    for (const { manifest } of packages) {
      if (manifest.version !== undefined)
        seen.set(manifest.name, { version: manifest.version, file: 'its own package.json' });
    }
    for (const { file, manifest } of packages) {
      for (const [name, version] of kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}))) {
        const first = seen.get(name);
        if (!exact.test(version))
          problems.push({ path: file, message: `${name}: "${version}" is not one exact version` });
        else if (first === undefined) seen.set(name, { version, file });
        else if (first.version !== version) {
          problems.push({ path: file, message: `${name}: ${version} here, ${first.version} in ${first.file}` });
        }
      }
    }
    return problems;
  },
};
