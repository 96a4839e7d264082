import type { ArchiveFault, ArchiveFile } from './archive.ts';
import { sha256 } from './content-hash.ts';
import { ArchiveError } from './errors.ts';

/** The manifest format written here. A newer one is refused (decisions: keys and bytes). */
export const manifestFormat = 1;
/** The same of a stream that was redacted: an earlier release, which would not know, refuses it. */
export const redactedFormat = 2;

/**
 * One link of a stream's chain. A base names every file; a delta names what was added and removed.
 * On disk: the SHA-256 of the rest as 64 hex characters, a line feed, then JSON.
 */
export interface Manifest {
  readonly format: number;
  readonly kind: 'base' | 'delta';
  readonly stream: string;
  readonly number: number;
  /** SHA-256 of all bytes of the manifest before it; null for number 0. */
  readonly previous: string | null;
  /** Origin of each partition (E0): a lost control row does not lose them. */
  readonly origins: readonly number[];
  /** Of a base, every file; of a delta, those it adds. */
  readonly files: readonly ArchiveFile[];
  /** Of a delta, the names that no longer count. A base has none. */
  readonly removed: readonly string[];
  /** Every redaction that is in effect; absent: none is. */
  readonly redactions?: readonly number[];
}

/** Where a stream's manifest is stored: found by its number, never by listing. */
export function manifestName(stream: string, number: number): string {
  return `${stream}/manifests/${String(number).padStart(12, '0')}.json`;
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  const body = `${JSON.stringify(manifest)}\n`;
  return new TextEncoder().encode(`${sha256(body)}\n${body}`);
}

/** Reads a manifest found under the name of `stream` and `number`. Throws MANIFEST_DAMAGED or FORMAT_UNKNOWN. */
export function decodeManifest(stream: string, number: number, bytes: Uint8Array): Manifest {
  const lineFeed = 64;
  const body = bytes.subarray(lineFeed + 1);
  const claimed = new TextDecoder().decode(bytes.subarray(0, lineFeed));
  if (bytes[lineFeed] !== 10 || claimed !== sha256(body)) {
    throw damaged(stream, number, `its ${bytes.byteLength} bytes do not match the SHA-256 in its first line`);
  }
  const value = parseBody(stream, number, body);
  if (typeof value['format'] === 'number' && value['format'] > redactedFormat) {
    const name = manifestName(stream, number);
    throw new ArchiveError(
      'FORMAT_UNKNOWN',
      `${name} has format ${value['format']}; this release reads up to ${redactedFormat}. Use a newer release; nothing was changed.`,
      { facts: { stream, name, format: value['format'] } },
    );
  }
  if (!isManifest(value))
    throw damaged(stream, number, 'a property is missing or has another type than its format says');
  if (value.stream !== stream || value.number !== number) {
    throw damaged(stream, number, `it is a copy of manifest ${value.number} of ${value.stream}`);
  }
  return value;
}

/** The error for a manifest that can not be believed, with what to do. */
export function damaged(stream: string, number: number, why: string): ArchiveError {
  const name = manifestName(stream, number);
  return new ArchiveError(
    'MANIFEST_DAMAGED',
    `${name} is damaged: ${why}. Put back this file, byte for byte, from a backup; do not edit it.`,
    { facts: { stream, name, number } },
  );
}

/** A manifest's error as an entry of a verification report. */
export function manifestFault(stream: string, number: number, error: ArchiveError): ArchiveFault {
  const code = error.code === 'FORMAT_UNKNOWN' || error.code === 'MANIFEST_MISSING' ? error.code : 'MANIFEST_DAMAGED';
  return {
    code,
    stream,
    name: manifestName(stream, number),
    partition: null,
    from: null,
    to: null,
    detail: error.message,
  };
}

function parseBody(stream: string, number: number, body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (isRecord(value)) return value;
  } catch {
    // Falls through: the caller learns that the body is not a manifest.
  }
  throw damaged(stream, number, 'its body is not a JSON object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isTime(value: unknown): boolean {
  return value === null || Number.isSafeInteger(value);
}

function isManifest(value: Record<string, unknown>): value is Record<string, unknown> & Manifest {
  const { format, kind, stream, number, previous, origins, files, removed, redactions } = value;
  return (
    (format === manifestFormat || format === redactedFormat) &&
    (redactions === undefined || (Array.isArray(redactions) && redactions.every(isOffset))) &&
    (kind === 'base' || kind === 'delta') &&
    typeof stream === 'string' &&
    isOffset(number) &&
    (previous === null || typeof previous === 'string') &&
    Array.isArray(origins) &&
    origins.every(isOffset) &&
    Array.isArray(files) &&
    files.every(isFile) &&
    Array.isArray(removed) &&
    removed.every((name) => typeof name === 'string') &&
    (kind === 'delta' || removed.length === 0)
  );
}

/** Also checks that the ledger of the file closes: its classes add up to its range, and so do its slices (E10). */
function isFile(value: unknown): value is ArchiveFile {
  if (!isRecord(value) || !isRecord(value['counts']) || !Array.isArray(value['slices'])) return false;
  const { name, partition, from, to, records, byteLength, sha256: hash, minEventTime, maxEventTime } = value;
  if (value['fingerprint'] !== undefined && typeof value['fingerprint'] !== 'string') return false;
  const { applied, duplicate, rejected, control } = value['counts'];
  if (typeof name !== 'string' || typeof hash !== 'string' || !isTime(minEventTime) || !isTime(maxEventTime))
    return false;
  if (![partition, from, to, records, byteLength].every(isOffset)) return false;
  const counted = [applied, duplicate, rejected, control];
  if (!counted.every(isOffset)) return false;
  const slices: unknown[] = value['slices'];
  if (!slices.every((slice) => Array.isArray(slice) && slice.length === 5 && slice.every(isOffset))) return false;
  return ledgerCloses(
    Number(to) - Number(from),
    Number(records),
    counted.map(Number),
    slices.map((slice) => Array.from(slice as number[])),
  );
}

function ledgerCloses(
  length: number,
  records: number,
  counts: readonly number[],
  slices: readonly number[][],
): boolean {
  let total = 0;
  for (let i = 0; i < 4; i++) {
    const count = counts[i] ?? 0;
    total += count;
    let sum = 0;
    for (const slice of slices) sum += slice[i + 1] ?? 0;
    if (sum !== count) return false;
  }
  return total === length && records === length - (counts[3] ?? 0);
}
