import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const pattern = /^duckdb-(\d+)-\d+$/;

/**
 * Removes what children of processes that are gone have left in a spill directory (a child that is killed together
 * with its parent leaves its folder), and makes the directory. It is for the processes of one machine.
 */
export function sweepSpillFolders(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    const owner = pattern.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      rmSync(path.join(directory, name), { recursive: true, force: true });
  }
}

/** The spill folder of a process's `number`th child. */
export function spillFolder(directory: string, processId: number, number: number): string {
  return path.join(directory, `duckdb-${processId}-${number}`);
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
