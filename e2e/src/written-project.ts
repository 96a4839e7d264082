import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url));

export interface WrittenProject {
  readonly folder: string;
  readonly remove: () => void;
}

/** A project of a test's own, by the text of its declaration. The folder lies in the workspace, where its packages are found. */
export function writeProject(name: string, declaration: string): WrittenProject {
  const folder = path.join(WORKSPACE, '.cache', 'e2e', `${name}-${process.pid.toString(36)}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'twofold.config.ts'), declaration);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
