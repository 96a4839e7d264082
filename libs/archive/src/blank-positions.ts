import { createHmac } from 'node:crypto';
import { RecordClass, type BlankRecords } from '@twofold/schemas';
import { ArchiveError } from './errors.ts';

/** One erased record. */
export interface BlankPosition {
  readonly offset: number;
  readonly class: RecordClass;
  /** Text of its id (`createIdReader`); null where it was rejected. */
  readonly id: string | null;
}

/** What stays of the records that one redaction erased, by partition. */
export type BlankPartitions = ReadonlyMap<number, readonly BlankPosition[]>;

interface Stored {
  readonly format: 1;
  /** Of the hashes. It keeps a table of hashes of all ids from being of use elsewhere; it is no secret from who has both. */
  readonly key: string;
  /** Partition, gaps between rising offsets, a digit a class, a hash an id ("" where there is none). */
  readonly partitions: readonly (readonly [number, readonly number[], string, readonly string[]])[];
}

/** Characters of a hash: 132 bits. */
const HASH_LENGTH = 22;

/** What the document of this hash is called among those of a stream's corrections. */
export function blanksName(hash: string): string {
  return `blanks-${hash}.json`;
}

/** @param key never used before */
export function encodeBlanks(blanks: BlankPartitions, key: string): Uint8Array {
  const hashOf = idHash(key);
  const partitions = [...blanks].map(([partition, positions]) => {
    const rising = [...positions].sort((a, b) => a.offset - b.offset);
    const gaps = rising.map(({ offset }, i) => offset - (rising[i - 1]?.offset ?? 0));
    const classes = rising.map((each) => String(each.class)).join('');
    return [partition, gaps, classes, rising.map(({ id }) => (id === null ? '' : hashOf(id)))] as const;
  });
  const stored: Stored = { format: 1, key, partitions };
  return new TextEncoder().encode(JSON.stringify(stored));
}

/** By partition. Throws FORMAT_UNKNOWN. */
export function decodeBlanks(bytes: Uint8Array): ReadonlyMap<number, BlankRecords> {
  const { format, key, partitions } = JSON.parse(new TextDecoder().decode(bytes)) as Stored;
  if (!(format <= 1))
    throw new ArchiveError('FORMAT_UNKNOWN', `Erased positions have format ${String(format)}; use a newer release.`);
  const hashOf = idHash(key);
  return new Map(
    partitions.map(([partition, gaps, , hashes]) => {
      let at = 0;
      const offsets = gaps.map((gap) => (at += gap));
      return [partition, { offsets, ids: hashes.map((hash) => (hash === '' ? null : hash)), hashOf }];
    }),
  );
}

function idHash(key: string): (id: string) => string {
  return (id) => createHmac('sha256', key).update(id).digest('base64url').slice(0, HASH_LENGTH);
}
