import { type Fs, crc32c } from '@twofold/service';
import { formatUnknown, metaDamaged } from './log-failures.ts';

const format = 1;

/** What a small JSON file of the log holds beside its format and checksum. */
export type Meta = Readonly<Record<string, string | number>>;

const checksumOf = (meta: Meta): string => crc32c(new TextEncoder().encode(JSON.stringify(meta))).toString(16);

/** Replaces the file at once and for good: whoever looks, also after a loss of power, sees the old or the new one. */
export async function writeMeta(fs: Fs, folder: string, name: string, meta: Meta): Promise<void> {
  const sealed = { format, ...meta };
  const bytes = new TextEncoder().encode(`${JSON.stringify({ ...sealed, checksum: checksumOf(sealed) })}\n`);
  const temporary = `${folder}/${name}.new`;
  if ((await fs.stat(temporary)) !== null) await fs.remove(temporary);
  const file = await fs.open(temporary, 'create');
  try {
    await file.pwrite(bytes, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await fs.rename(temporary, `${folder}/${name}`);
  await fs.syncFolder(folder);
}

/** Null: there is no such file. @throws LOG_DAMAGED, LOG_FORMAT_UNKNOWN */
export async function readMeta(fs: Pick<Fs, 'open' | 'stat'>, folder: string, name: string): Promise<Meta | null> {
  const path = `${folder}/${name}`;
  const found = await fs.stat(path);
  if (found === null) return null;
  const bytes = new Uint8Array(found.sizeBytes);
  const file = await fs.open(path, 'read');
  const length = await file.pread(bytes, bytes.length, 0).finally(() => file.close());
  const parsed = parseObject(new TextDecoder().decode(bytes.subarray(0, length)));
  if (parsed === null) throw metaDamaged(path, 'it is not readable JSON');
  if (typeof parsed['format'] === 'number' && parsed['format'] !== format) {
    throw formatUnknown(path, parsed['format'], format);
  }
  const { checksum, ...rest } = parsed;
  if (checksum !== checksumOf(rest)) throw metaDamaged(path, 'its checksum does not match');
  return rest;
}

function parseObject(text: string): Record<string, string | number> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const plain: Record<string, string | number> = {};
    for (const [name, entry] of Object.entries(value)) {
      if (typeof entry !== 'string' && typeof entry !== 'number') return null;
      plain[name] = entry;
    }
    return plain;
  } catch {
    return null;
  }
}
