import type { StoredFile } from './archived-columns.ts';
import { ArchiveError } from './errors.ts';

const digits = (offset: number): string => String(offset).padStart(15, '0');

/** Where a partition's data files lie. */
export function partitionFolder(stream: string, partition: number): string {
  return `${stream}/p${String(partition).padStart(4, '0')}`;
}

/** Where files lie that have no name yet, of every stream. */
export const unfinishedFolder = 'unfinished';

/** A data file's name: stream, partition, range, and a ULID, so that it is never used twice. */
export function fileName(
  stream: string,
  partition: number,
  from: number,
  to: number,
  id: string,
  extension: string,
): string {
  return `${partitionFolder(stream, partition)}/${digits(from)}-${digits(to)}-${id}.${extension}`;
}

const pattern = /^(?:.+)\/p(\d{4,})\/(\d{15})-(\d{15})-[^/]+\.[a-z]+$/;

/** What a data file's name says; null: it is no data file's name. */
export function parseFileName(name: string): StoredFile | null {
  const [whole, partition, from, to] = pattern.exec(name) ?? [];
  return whole === undefined ? null : { name, partition: Number(partition), from: Number(from), to: Number(to) };
}

/** Only data files and unfinished ones are ever taken away. Throws NOT_A_DATA_FILE. */
export function assertRemovable(name: string): void {
  if (parseFileName(name) !== null || (name.startsWith(`${unfinishedFolder}/`) && !name.includes('..'))) return;
  throw new ArchiveError('NOT_A_DATA_FILE', `${name} is not a data file of the archive; it is not removed.`, {
    facts: { name },
  });
}
