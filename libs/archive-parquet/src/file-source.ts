import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { fsErrorCode } from '@twofold/service';
import type { Fs, FsFile } from '@twofold/service';
import type { AsyncBuffer } from 'hyparquet';
import { ioError } from './disk-files.ts';

const stepBytes = 1 << 20;

/** Calls `use` with the open file and its size, and closes it; null when there is no such file. */
export async function withFile<T>(
  fs: Fs,
  path: string,
  use: (file: FsFile, sizeBytes: number) => Promise<T>,
): Promise<T | null> {
  let file: FsFile;
  try {
    file = await fs.open(path, 'read');
  } catch (error) {
    if (fsErrorCode(error) === 'ENOENT') return null;
    throw ioError('read', path, error);
  }
  try {
    return await use(file, await file.sizeBytes());
  } finally {
    await file.close();
  }
}

/** Length and SHA-256 of a file's bytes as they are stored now. Reads in steps, so that nothing else waits long. */
export async function hashFile(
  file: FsFile,
  sizeBytes: number,
  path: string,
): Promise<{ byteLength: number; sha256: string }> {
  const hash = createHash('sha256');
  const byteLength = await eachStep(file, sizeBytes, path, (bytes) => void hash.update(bytes));
  return { byteLength, sha256: hash.digest('hex') };
}

/** The same with a CRC-32, which costs a sixth: enough to tell whether a disk gives back what it was given. */
export async function sumFile(
  file: FsFile,
  sizeBytes: number,
  path: string,
): Promise<{ byteLength: number; crc32: number }> {
  let sum = 0;
  const byteLength = await eachStep(file, sizeBytes, path, (bytes) => {
    sum = crc32(bytes, sum);
  });
  return { byteLength, crc32: sum };
}

/** Gives the file's bytes from its beginning; says how many there were. */
async function eachStep(
  file: FsFile,
  sizeBytes: number,
  path: string,
  visit: (bytes: Uint8Array) => void,
): Promise<number> {
  const step = new Uint8Array(Math.min(stepBytes, sizeBytes));
  let position = 0;
  while (position < sizeBytes) {
    const read = await pread(file, step, Math.min(step.length, sizeBytes - position), position, path);
    if (read === 0) break;
    visit(step.subarray(0, read));
    position += read;
  }
  return position;
}

/** An open file as hyparquet wants it. */
export function asyncBuffer(file: FsFile, sizeBytes: number, path: string): AsyncBuffer {
  return {
    byteLength: sizeBytes,
    async slice(start, end = sizeBytes) {
      const bytes = new Uint8Array(end - start);
      const read = await pread(file, bytes, bytes.length, start, path);
      return bytes.buffer.slice(0, read);
    },
  };
}

async function pread(file: FsFile, bytes: Uint8Array, length: number, position: number, path: string): Promise<number> {
  try {
    return await file.pread(bytes, length, position);
  } catch (error) {
    throw ioError('read', path, error);
  }
}
