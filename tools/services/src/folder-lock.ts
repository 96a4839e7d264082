import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** One at a time for each data folder: a second run waits, and then finds what the first one started. */
export async function withFolderLock<T>(
  folder: string,
  say: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const lock = path.join(folder, 'lock');
  await mkdir(folder, { recursive: true });
  for (let told = false; !(await take(lock)); told = true) {
    if (!told) say('another run of this command is at work in the same folder; waiting for it');
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** The lock is a folder that is renamed into place with its holder inside: it is never there without one. */
async function take(lock: string): Promise<boolean> {
  const mine = `${lock}-${process.pid}`;
  await mkdir(mine, { recursive: true });
  await writeFile(path.join(mine, 'pid'), String(process.pid));
  try {
    await rename(mine, lock);
    return true;
  } catch {
    await rm(mine, { recursive: true, force: true });
  }
  const holder = Number(await readFile(path.join(lock, 'pid'), 'utf8').catch(() => '0'));
  if (holder > 0 && !isAlive(holder)) await rm(lock, { recursive: true, force: true });
  return false;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
