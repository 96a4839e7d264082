const digits = (offset: number): string => String(offset).padStart(15, '0');

/** A data file's name: stream, partition, range, and a ULID, so that it is never used twice. */
export function fileName(
  stream: string,
  partition: number,
  from: number,
  to: number,
  id: string,
  extension: string,
): string {
  return `${stream}/p${String(partition).padStart(4, '0')}/${digits(from)}-${digits(to)}-${id}.${extension}`;
}
