import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The files that belong to the repository, by path from its root with forward slashes. */
export interface Repository {
  readonly paths: readonly string[];
  /** Is there a file or a folder of this path? */
  has(path: string): boolean;
  text(path: string): string;
}

function withFolders(paths: readonly string[]): ReadonlySet<string> {
  const all = new Set(paths);
  for (const file of paths) {
    for (let folder = path.posix.dirname(file); folder !== '.'; folder = path.posix.dirname(folder)) all.add(folder);
  }
  return all;
}

function repositoryFrom(paths: readonly string[], read: (path: string) => string): Repository {
  const known = withFolders(paths);
  const texts = new Map<string, string>();
  return {
    paths,
    has: (name) => known.has(name.replace(/\/$/, '')),
    text: (name) => {
      const text = texts.get(name) ?? read(name);
      texts.set(name, text);
      return text;
    },
  };
}

/** What git knows or would know after `git add .`, as it lies on the disk. */
export function workingTree(root: string): Repository {
  const git = (...args: string[]) =>
    execFileSync('git', ['ls-files', '-z', ...args], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\0');
  const deleted = new Set(git('--deleted'));
  const listed = git('--cached', '--others', '--exclude-standard').filter((name) => name !== '' && !deleted.has(name));
  return repositoryFrom([...new Set(listed)].sort(), (name) => readFileSync(path.join(root, name), 'utf8'));
}

/** A made-up repository, for the tests of the checks. */
export function repositoryOf(files: Readonly<Record<string, string>>): Repository {
  return repositoryFrom(Object.keys(files).sort(), (name) => files[name] ?? '');
}
