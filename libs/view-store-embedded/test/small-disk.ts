import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** A folder on a disk of its own, of a few megabytes; or why there can be none here. */
export function smallDisk(megabytes: number): { readonly folder: string } | { readonly reason: string } {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return { reason: 'this user may not mount a small disk' };
  }
  onTestFinished(() => void execFileSync('umount', [folder]));
  return { folder };
}
