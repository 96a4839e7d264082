import { createHmac } from 'node:crypto';
import { RecordClass, type BlankRecords } from '@twofold/schemas';
import { ArchiveError } from './errors.ts';

/** One erased record. */
export interface BlankPosition {
  readonly offset: number;
  readonly class: RecordClass;
  /** Text of its id (`createIdReader`); null where it was rejected. */
  readonly id: string | null;
  /** Of a change stream: its place in the operator's order (`createChangePlaceReader`). */
  readonly place?: number;
}

/** Rows of an upsert stream that were erased, by partition: the key of each, and its highest revision. */
export type ErasedRows = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** What stays of the records that one redaction erased, by partition. */
export type BlankPartitions = ReadonlyMap<number, readonly BlankPosition[]>;

interface Stored {
  /** 2 where there are rows: a release that does not know them would bring them back. */
  readonly format: 1 | 2;
  /** Of the hashes. It keeps a table of hashes of all ids from being of use elsewhere; it is no secret from who has both. */
  readonly key: string;
  /** Partition, gaps between rising offsets, a digit a class, a hash an id ("" where there is none); of changes, their places (-1: none). */
  readonly partitions: readonly (readonly [
    number,
    readonly number[],
    string,
    readonly string[],
    (readonly number[])?,
  ])[];
  /** Partition, and of each erased row the hash of its key and its revision. */
  readonly rows?: readonly (readonly [number, readonly (readonly [string, number])[]])[];
}

/** Characters of a hash: 132 bits. */
const HASH_LENGTH = 22;

/** What the document of this hash is called among those of a stream's corrections. */
export function blanksName(hash: string): string {
  return `blanks-${hash}.json`;
}

/** @param key never used before */
export function encodeBlanks(blanks: BlankPartitions, key: string, erased: ErasedRows = new Map()): Uint8Array {
  const hashOf = idHash(key);
  const partitions = [...blanks].map(([partition, positions]) => {
    const rising = [...positions].sort((a, b) => a.offset - b.offset);
    const gaps = rising.map(({ offset }, i) => offset - (rising[i - 1]?.offset ?? 0));
    const classes = rising.map((each) => String(each.class)).join('');
    const facts = [partition, gaps, classes, rising.map(({ id }) => (id === null ? '' : hashOf(id)))] as const;
    if (rising.every(({ place }) => place === undefined)) return facts;
    return [...facts, rising.map(({ place = -1 }) => place)] as const;
  });
  const rows = [...erased].map(([partition, revisions]) => {
    const hashed = [...revisions].map(([text, revision]) => [hashOf(text), revision] as const);
    // Sorted: the order that they were stated in is nobody's business.
    return [partition, hashed.sort(([a], [b]) => (a < b ? -1 : 1))] as const;
  });
  const stored: Stored = rows.length === 0 ? { format: 1, key, partitions } : { format: 2, key, partitions, rows };
  return new TextEncoder().encode(JSON.stringify(stored));
}

/** By partition. Throws FORMAT_UNKNOWN. */
export function decodeBlanks(bytes: Uint8Array): ReadonlyMap<number, BlankRecords> {
  const { format, key, partitions, rows = [] } = JSON.parse(new TextDecoder().decode(bytes)) as Stored;
  if (!(format <= 2))
    throw new ArchiveError('FORMAT_UNKNOWN', `Erased positions have format ${String(format)}; use a newer release.`);
  const hashOf = idHash(key);
  return new Map(
    partitions.map(([partition, gaps, , hashes, places]) => {
      let at = 0;
      const offsets = gaps.map((gap) => (at += gap));
      const ids = hashes.map((hash) => (hash === '' ? null : hash));
      const erased = rows.find(([of]) => of === partition)?.[1];
      return [
        partition,
        {
          ...{ offsets, ids, hashOf },
          ...(places === undefined ? {} : { places: places.map((place) => (place < 0 ? null : place)) }),
          ...(erased === undefined ? {} : { rows: new Map(erased) }),
        },
      ];
    }),
  );
}

function idHash(key: string): (id: string) => string {
  return (id) => createHmac('sha256', key).update(id).digest('base64url').slice(0, HASH_LENGTH);
}
