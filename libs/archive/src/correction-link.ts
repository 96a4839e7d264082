import { sha256 } from './content-hash.ts';
import type { StoredCorrection } from './correction-shelf.ts';
import { ArchiveError } from './errors.ts';

/** What is kept under the number of a correction: the SHA-256 of the rest, a line feed, then JSON. */
export interface Link {
  readonly format: 1;
  /** SHA-256 of all bytes of the link before, as it was first written; null for number 0. */
  readonly previous: string | null;
  /** Of a link whose words a redaction took: the SHA-256 of what stood here before, which the next link names. */
  readonly was?: string;
  readonly correction: StoredCorrection;
}

/** Everything that belongs to a stream's corrections is below this folder. No stream is called so: names have no dots. */
export function correctionFolder(stream: string): string {
  return `${stream}.corrections`;
}

export function correctionName(stream: string, number: number): string {
  return `${correctionFolder(stream)}/chain/${numbered(number)}`;
}

export function numbered(number: number): string {
  return `${String(number).padStart(12, '0')}.json`;
}

export function encodeLink(link: Link): Uint8Array {
  const body = `${JSON.stringify(link)}\n`;
  return new TextEncoder().encode(`${sha256(body)}\n${body}`);
}

/** Throws MANIFEST_DAMAGED, FORMAT_UNKNOWN. */
export function decodeLink(stream: string, number: number, bytes: Uint8Array): Link {
  const lineFeed = 64;
  const body = bytes.subarray(lineFeed + 1);
  if (bytes[lineFeed] !== 10 || new TextDecoder().decode(bytes.subarray(0, lineFeed)) !== sha256(body))
    throw damagedLink(stream, number, 'its bytes do not match the SHA-256 in its first line');
  const link = JSON.parse(new TextDecoder().decode(body)) as Link;
  if (!(link.format <= 1))
    throw new ArchiveError(
      'FORMAT_UNKNOWN',
      `${correctionName(stream, number)} has format ${String(link.format)}; this release reads up to 1. Use a newer release; nothing was changed.`,
      { facts: { stream, number } },
    );
  if (link.correction.number !== number || link.correction.stream !== stream)
    throw damagedLink(
      stream,
      number,
      `it is a copy of correction ${link.correction.number} of ${link.correction.stream}`,
    );
  return link;
}

const ERASED = '(erased)';

/** The correction as it takes effect, without anything that a person wrote. */
export function wordless(correction: StoredCorrection): StoredCorrection {
  const idempotencyKey = `${ERASED} ${correction.id}`;
  return { ...correction, reason: ERASED, asked: ERASED, ticket: null, author: ERASED, approver: null, idempotencyKey };
}

export function missingLink(stream: string, number: number): ArchiveError {
  const name = correctionName(stream, number);
  return new ArchiveError(
    'MANIFEST_MISSING',
    `${name} is missing, though corrections after it exist. Put it back from a backup; nothing of ${stream} is corrected until then.`,
    { facts: { stream, name, number } },
  );
}

export function damagedLink(stream: string, number: number, why: string): ArchiveError {
  const name = correctionName(stream, number);
  return new ArchiveError(
    'MANIFEST_DAMAGED',
    `${name} is damaged: ${why}. Put back this file, byte for byte, from a backup; do not edit it.`,
    { facts: { stream, name, number } },
  );
}
