import { chunkFormat, keysPerRestart } from './chunk-encoder.ts';
import { ChunkError } from './chunk-error.ts';
import { ChunkReader } from './chunk-reader.ts';
import { compareRanges } from './key.ts';

/**
 * Walks a chunk: `nextKey`, then `nextPane` and the pane's components from `reader`, as often as there are panes; or
 * `seek` for one key, which reads a few keys and none of the other bodies. Checks what it passes and throws
 * `CHUNK_DAMAGED`, or `CHUNK_FORMAT_UNKNOWN` at the start.
 */
export class ChunkCursor {
  readonly reader: ChunkReader;
  readonly widthMs: number;
  readonly keys: number;
  readonly rows: number;
  /** The current key is `key[0, keyLength)`. */
  key = new Uint8Array(64);
  keyLength = 0;
  /** Start of the current pane, in milliseconds. */
  pane = 0;
  /** Panes of the current key. */
  panes = 0;
  private readonly entriesAt: number;
  private readonly entriesEnd: number;
  private readonly directory: DataView;
  private readonly basePane: number;
  /** `nextKey` has gone past the last key. */
  ended = false;
  private keysRead = 0;
  private rowsRead = 0;
  private panesRead = 0;
  private bodyEnd: number;
  private paneIndex = 0;

  constructor(bytes: Uint8Array) {
    const reader = new ChunkReader(bytes);
    const format = reader.byte();
    if (format !== chunkFormat) {
      throw new ChunkError(
        'CHUNK_FORMAT_UNKNOWN',
        `A chunk has format ${format}; this version reads format ${chunkFormat}. Was it written by a newer version?`,
        { facts: { format } },
      );
    }
    this.reader = reader;
    this.widthMs = reader.varint();
    this.keys = reader.varint();
    this.rows = reader.varint();
    this.basePane = reader.zigzag();
    this.entriesAt = reader.at;
    const restarts = Math.max(0, Math.ceil(this.keys / keysPerRestart) - 1);
    this.entriesEnd = bytes.length - restarts * 4;
    const fits =
      this.widthMs >= 1 && this.keys <= this.rows && this.rows <= bytes.length && reader.at <= this.entriesEnd;
    const empty = this.keys === 0;
    if (!fits || (empty && (this.rows > 0 || this.basePane !== 0))) {
      throw reader.damaged('has a header that does not fit it');
    }
    this.directory = new DataView(bytes.buffer, bytes.byteOffset + this.entriesEnd, restarts * 4);
    this.bodyEnd = reader.at;
  }

  /** Goes to the next key, passing over what is left of the current one; false after the last, when all has to add up. */
  nextKey(): boolean {
    const { reader } = this;
    reader.at = this.bodyEnd;
    reader.end = this.entriesEnd;
    if (this.keysRead === this.keys) {
      if (reader.at !== this.entriesEnd) throw reader.damaged('goes on after its last key');
      if (this.rowsRead !== this.rows) throw reader.damaged(`says ${this.rows} partials but has ${this.rowsRead}`);
      this.ended = true;
      return false;
    }
    if (this.keysRead % keysPerRestart === 0) this.readRestartKey();
    else this.readNextKey();
    this.openBody();
    this.keysRead++;
    this.rowsRead += this.panes;
    return true;
  }

  /** Goes to the next pane of the current key; false after the last, when the body has to end. */
  nextPane(): boolean {
    const { reader } = this;
    if (this.panesRead === this.panes) {
      if (reader.at !== this.bodyEnd) throw reader.damaged('has a key whose panes do not end where it says');
      return false;
    }
    if (this.panesRead > 0) this.paneIndex += 1 + reader.varint();
    else this.paneIndex = this.basePane + reader.zigzag();
    if (this.rowsRead === this.panes && this.panesRead === 0 && this.paneIndex !== this.basePane) {
      throw reader.damaged('has a base that is not its first pane');
    }
    this.pane = this.paneIndex * this.widthMs;
    if (!(Math.abs(this.pane) <= Number.MAX_SAFE_INTEGER)) throw reader.damaged('has a pane out of range');
    this.panesRead++;
    return true;
  }

  /** Stops reading the panes of the current key. */
  leaveKey(): void {
    this.reader.at = this.bodyEnd;
    this.panesRead = this.panes;
  }

  /** Goes to a key; false when the chunk does not have it. `nextKey` can not be called afterwards. */
  seek(key: Uint8Array): boolean {
    const { reader } = this;
    reader.end = this.entriesEnd;
    let low = 0;
    let high = Math.ceil(this.keys / keysPerRestart) - 1;
    if (high < 0) return false;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      reader.at = this.restartAt(middle);
      this.keyLength = 0;
      this.readKey();
      if (this.compare(key) <= 0) low = middle;
      else high = middle - 1;
    }
    this.bodyEnd = this.restartAt(low);
    this.keyLength = 0;
    const keys = Math.min(keysPerRestart, this.keys - low * keysPerRestart);
    for (let i = 0; i < keys; i++) {
      reader.at = this.bodyEnd;
      reader.end = this.entriesEnd;
      this.readKey();
      this.openBody();
      const order = this.compare(key);
      if (order >= 0) return order === 0;
    }
    return false;
  }

  private compare(key: Uint8Array): number {
    return compareRanges(this.key, 0, this.keyLength, key, 0, key.length);
  }

  private restartAt(number: number): number {
    if (number === 0) return this.entriesAt;
    const place = this.entriesAt + this.directory.getUint32((number - 1) * 4, true);
    if (place >= this.entriesEnd) throw this.reader.damaged('has a directory that points behind its end');
    return place;
  }

  /** A key in full; the directory has to name its place, and it has to come after the key before it. */
  private readRestartKey(): void {
    const { reader } = this;
    if (reader.at !== this.restartAt(this.keysRead / keysPerRestart)) {
      throw reader.damaged('has a directory that does not name its keys');
    }
    const before = this.keysRead === 0 ? null : this.key.slice(0, this.keyLength);
    this.keyLength = 0;
    this.readKey();
    if (before !== null && this.compare(before) <= 0) throw reader.damaged('has keys out of order');
  }

  /** A key by what differs from the key before it: one look tells whether order and form are right. */
  private readNextKey(): void {
    const length = this.keyLength;
    const shared = this.reader.varint();
    this.reader.at = this.bodyEnd;
    const differs = shared < length ? (this.key[shared] ?? 0) : -1;
    this.readKey();
    const next = shared < this.keyLength ? (this.key[shared] ?? 0) : -1;
    if (next <= differs) throw this.reader.damaged('has keys out of order');
  }

  private readKey(): void {
    const { reader } = this;
    const shared = reader.varint();
    if (shared > this.keyLength) throw reader.damaged('has a key that shares more than there is');
    const length = reader.varint();
    const start = reader.skip(length);
    if (shared + length > this.key.length) {
      const grown = new Uint8Array(Math.max(this.key.length * 2, shared + length));
      grown.set(this.key.subarray(0, shared));
      this.key = grown;
    }
    const { key } = this;
    for (let i = 0; i < length; i++) key[shared + i] = reader.bytes[start + i] ?? 0;
    this.keyLength = shared + length;
  }

  private openBody(): void {
    const { reader } = this;
    this.panes = reader.varint();
    if (this.panes === 0) throw reader.damaged('has a key without panes');
    const length = reader.varint();
    const start = reader.skip(length);
    this.bodyEnd = start + length;
    reader.at = start;
    reader.end = this.bodyEnd;
    this.panesRead = 0;
  }
}
