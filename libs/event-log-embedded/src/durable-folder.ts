import { dirname } from 'node:path';
import type { Fs } from '@twofold/service';

/** Makes a folder, and those above it, such that a loss of power does not take them away again. */
export async function makeDurableFolder(fs: Fs, path: string): Promise<void> {
  const parent = dirname(path);
  if (parent === path) return;
  if ((await fs.stat(path)) === null) {
    await makeDurableFolder(fs, parent);
    await fs.makeFolder(path);
  }
  await fs.syncFolder(parent);
}
