import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ReadError } from './errors.ts';

/** What a cursor carries: where a page ended, and what keeps the next page on the same answer (E16). */
export interface Cursor {
  /** Hash of view and arguments: a cursor is good for its own query only. */
  readonly query: string;
  readonly release: string;
  /** Snapshot at slice ends: by partition. */
  readonly positions: readonly number[] | null;
  /** Snapshot in this server's memory. */
  readonly pinned: string | null;
  /** The last row that was given: key bytes and window end. */
  readonly key: Uint8Array;
  readonly windowEnd: number;
}

const FORMAT = 1;
const MAC_BYTES = 16;
const MAX_CHARACTERS = 8_192;

/** Writes and reads cursors: opaque to clients, and refused when a character of them was changed. */
export class CursorCodec {
  readonly #secret: string | Uint8Array;

  constructor(secret: string | Uint8Array) {
    this.#secret = secret;
  }

  encode({ query, release, positions, pinned, key, windowEnd }: Cursor): string {
    const fields = [FORMAT, query, release, positions, pinned, Buffer.from(key).toString('base64url'), windowEnd];
    const payload = Buffer.from(JSON.stringify(fields));
    return Buffer.concat([this.#mac(payload), payload]).toString('base64url');
  }

  /** @throws CURSOR_INVALID */
  decode(text: string, query: string): Cursor {
    if (text.length > MAX_CHARACTERS || !/^[\w-]+$/.test(text)) throw invalid('is not a cursor of this server');
    const bytes = Buffer.from(text, 'base64url');
    const payload = bytes.subarray(MAC_BYTES);
    // Several texts may have one value in base64: only the one that was given is taken.
    const known = bytes.length > MAC_BYTES && bytes.toString('base64url') === text;
    if (!known || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.#mac(payload)))
      throw invalid('is not a cursor of this server, or was changed');
    const fields: unknown = JSON.parse(payload.toString());
    const cursor = cursorOf(fields);
    if (cursor === null) throw invalid('is of a format that this server does not read');
    if (cursor.query !== query)
      throw invalid('belongs to another query: leave every argument but first and after as it was');
    return cursor;
  }

  #mac(payload: Uint8Array): Buffer {
    return createHmac('sha256', this.#secret).update(payload).digest().subarray(0, MAC_BYTES);
  }
}

/** A name for a view and its arguments: equal ones have equal names. */
export function queryHash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}

function invalid(what: string): ReadError {
  return new ReadError('CURSOR_INVALID', `after: the text ${what}; use an endCursor as it was given`);
}

function cursorOf(fields: unknown): Cursor | null {
  if (!Array.isArray(fields)) return null;
  const list: readonly unknown[] = fields;
  const [format, query, release, positions, pinned, key, windowEnd] = list;
  if (format !== FORMAT || typeof query !== 'string' || typeof release !== 'string') return null;
  if (typeof key !== 'string' || typeof windowEnd !== 'number') return null;
  if (pinned !== null && typeof pinned !== 'string') return null;
  if (positions !== null && !isNumbers(positions)) return null;
  return { query, release, positions, pinned, key: Buffer.from(key, 'base64url'), windowEnd };
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}
