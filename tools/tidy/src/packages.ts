import path from 'node:path';
import type { Repository } from './repository.ts';

export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

export interface WorkspacePackage {
  /** From the root, `.` for the root itself. */
  readonly folder: string;
  readonly file: string;
  readonly manifest: Manifest;
}

export function packagesOf(repository: Repository): WorkspacePackage[] {
  return repository.paths
    .filter((file) => /^(?:(?:libs|apps|tools|examples)\/[^/]+\/|e2e\/)?package\.json$/.test(file))
    .map((file) => ({
      folder: path.posix.dirname(file),
      file,
      manifest: JSON.parse(repository.text(file)) as Manifest,
    }));
}
