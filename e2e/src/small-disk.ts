import { execFileSync } from 'node:child_process';

/** A disk of its own on a folder, of a few megabytes, that can be made larger; null where this user may not mount one. */
export function smallDisk(
  folder: string,
  megabytes: number,
): { grow(megabytes: number): void; unmount(): void } | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return null;
  }
  return {
    grow: (more) => void execFileSync('mount', ['-o', `remount,size=${more}m`, folder]),
    unmount: () => void execFileSync('umount', [folder]),
  };
}
