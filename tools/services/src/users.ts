import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from './folder-lock.ts';

/** Who needs a service: processes by id, and `everybody` when somebody started it to stay. */
const everybody = 'everybody';

export async function addUser(serviceFolder: string, user: number | undefined): Promise<void> {
  const folder = path.join(serviceFolder, 'users');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, user === undefined ? everybody : String(user)), '');
}

export async function clearUsers(serviceFolder: string): Promise<void> {
  await rm(path.join(serviceFolder, 'users'), { recursive: true, force: true });
}

/** Takes the user off the list, and those whose process is gone; true when nobody is left. */
export async function removeUser(serviceFolder: string, user: number): Promise<boolean> {
  const folder = path.join(serviceFolder, 'users');
  let left = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const gone = name !== everybody && (Number(name) === user || !isAlive(Number(name)));
    if (gone) await rm(path.join(folder, name), { force: true });
    else left += 1;
  }
  return left === 0;
}
