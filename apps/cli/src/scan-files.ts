import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { parquetHolds } from '@twofold/archive-parquet';
import { nodeFs } from '@twofold/service';

export interface ScannedFiles {
  /** Paths, and in what way the text is in them. */
  readonly found: readonly string[];
  readonly files: number;
  /** Parquet files that are not whole, such as one that is being written. */
  readonly notRead: readonly string[];
}

const STEP_BYTES = 1 << 20;

/** Looks through the bytes of every file below the folders, and through what Parquet files hold compressed. */
export async function scanFiles(folders: readonly string[], text: string): Promise<ScannedFiles> {
  const found: string[] = [];
  const notRead: string[] = [];
  const files = new Set<string>();
  for (const folder of folders)
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      if (!entry.isFile() || files.has(file)) continue;
      files.add(file);
      if (await bytesHold(file, text)) found.push(`the bytes of ${file}`);
      if (!file.endsWith('.parquet')) continue;
      const holds = await parquetHolds(nodeFs, file, text);
      if (holds === true) found.push(`the values of ${file}`);
      if (holds === null) notRead.push(file);
    }
  return { found, files: files.size, notRead };
}

/** False also when the file is gone meanwhile. */
async function bytesHold(file: string, text: string): Promise<boolean> {
  const needle = Buffer.from(text);
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return false;
  try {
    const buffer = Buffer.alloc(STEP_BYTES + needle.length);
    let kept = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, kept, STEP_BYTES);
      if (bytesRead === 0) return false;
      const length = kept + bytesRead;
      if (buffer.subarray(0, length).includes(needle)) return true;
      // The text may begin in one step and end in the next.
      kept = Math.min(needle.length - 1, length);
      buffer.copyWithin(0, length - kept, length);
    }
  } finally {
    await handle.close();
  }
}
