import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
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
  const holder = `${process.pid}-${randomUUID()}`;
  for (let told = false; !(await take(lock, holder)); told = true) {
    if (!told) say('another run of this command is at work in the same folder; waiting for it');
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    await unlink(path.join(lock, holder)).catch(() => undefined);
    await rmdir(lock).catch(() => undefined);
  }
}

/**
 * The lock is a folder that is renamed into place with its holder's file inside, over nothing or an empty one. Of a holder that
 * died only that file is removed, whose name nobody else ever has: a lock that somebody took meanwhile stays his.
 */
async function take(lock: string, holder: string): Promise<boolean> {
  const mine = `${lock}-${holder}`;
  await mkdir(mine, { recursive: true });
  await writeFile(path.join(mine, holder), '');
  try {
    await rename(mine, lock);
    return true;
  } catch {
    await rm(mine, { recursive: true, force: true });
  }
  for (const name of await readdir(lock).catch(() => []))
    if (!isAlive(Number.parseInt(name, 10))) await unlink(path.join(lock, name)).catch(() => undefined);
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
