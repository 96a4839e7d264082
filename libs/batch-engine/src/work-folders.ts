import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Removes what engine processes whose owners are gone have left in a directory (one that is killed together with its
 * parent leaves its folder), and makes the directory. It is for the processes of one machine.
 */
export function sweepWorkFolders(directory: string, engine: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    const [kind, owner, number] = name.split('-');
    if (kind !== engine || name !== `${engine}-${Number(owner)}-${Number(number)}`) continue;
    if (!isAlive(Number(owner))) rmSync(path.join(directory, name), { recursive: true, force: true });
  }
}

/** The folder in which the `number`th engine process of a process works: what it spills, what it gives back. */
export function workFolder(directory: string, engine: string, processId: number, number: number): string {
  return path.join(directory, `${engine}-${processId}-${number}`);
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
