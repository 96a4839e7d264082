import { execFileSync, spawnSync } from 'node:child_process';

/** Disks that were not given back: they go when this process does. */
const mounted = new Set<string>();
process.once('exit', () => {
  for (const folder of mounted) spawnSync('umount', ['--lazy', folder]);
});

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
  mounted.add(folder);
  return {
    grow: (more) => void execFileSync('mount', ['-o', `remount,size=${more}m`, folder]),
    unmount: () => {
      // A test that failed leaves a process on it, which must not hide why.
      execFileSync('umount', ['--lazy', folder]);
      mounted.delete(folder);
    },
  };
}
