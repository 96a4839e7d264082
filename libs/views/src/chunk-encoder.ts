import { ChunkWriter, varintLength } from './chunk-writer.ts';
import type { Chunk } from './partials.ts';

/** Format byte of the layout in `chunk.ts`. */
export const chunkFormat = 1;
/** Every so many keys one is written in full, and its place is in the directory. */
export const keysPerRestart = 16;

/**
 * Writes one chunk: keys in order, and for each key its panes in order. The caller writes a pane's components into
 * `writer` right after `pane`. The layout is described in `chunk.ts`.
 */
export class ChunkEncoder {
  readonly writer = new ChunkWriter();
  readonly widthMs: number;
  rows = 0;
  keys = 0;
  private readonly header = new ChunkWriter();
  private readonly restarts: number[] = [];
  private basePane = 0;
  private lastPane = 0;
  /** Panes of the open key, and where their number is written. */
  private panes = 0;
  private countsAt = 0;
  private keyArena: Uint8Array = new Uint8Array(0);
  private keyStart = 0;
  private keyEnd = 0;

  constructor(widthMs: number) {
    this.widthMs = widthMs;
  }

  /** Bytes written so far, without header and directory. */
  get length(): number {
    return this.writer.at;
  }

  /** Opens the next key; its bytes stay as they are until the chunk is finished. */
  key(arena: Uint8Array, start: number, end: number): void {
    const { writer } = this;
    writer.ensure(end - start + 40);
    let shared = 0;
    if (this.keys % keysPerRestart === 0) {
      if (this.keys > 0) this.restarts.push(writer.at);
    } else {
      const most = Math.min(end - start, this.keyEnd - this.keyStart);
      while (shared < most && arena[start + shared] === this.keyArena[this.keyStart + shared]) shared++;
    }
    writer.varint(shared);
    writer.varint(end - start - shared);
    writer.raw(arena, start + shared, end);
    this.countsAt = writer.at;
    // Room for panes and length of one byte each; `closeKey` makes more where they take more.
    writer.at += 2;
    this.keyArena = arena;
    this.keyStart = start;
    this.keyEnd = end;
    this.panes = 0;
    this.keys++;
  }

  /** Opens the next pane of the open key, by its start. */
  pane(start: number): void {
    const pane = start / this.widthMs;
    const { writer } = this;
    writer.ensure(10);
    if (this.rows === 0) this.basePane = pane;
    if (this.panes === 0) writer.zigzag(pane - this.basePane);
    else writer.varint(pane - this.lastPane - 1);
    this.lastPane = pane;
    this.panes++;
    this.rows++;
  }

  /** After the components of the key's last pane. */
  closeKey(): void {
    const { writer } = this;
    const bodyAt = this.countsAt + 2;
    const length = writer.at - bodyAt;
    if (this.panes < 128 && length < 128) {
      writer.bytes[this.countsAt] = this.panes;
      writer.bytes[this.countsAt + 1] = length;
      return;
    }
    const wider = varintLength(this.panes) + varintLength(length) - 2;
    let end = writer.at;
    if (wider > 0) {
      writer.ensure(wider);
      writer.bytes.copyWithin(bodyAt + wider, bodyAt, end);
      end += wider;
    }
    writer.at = this.countsAt;
    writer.varint(this.panes);
    writer.varint(length);
    writer.at = end;
  }

  /** The chunk, in a buffer of its own; the encoder starts again. */
  finish(): Chunk {
    const { writer, header, rows, restarts } = this;
    header.byte(chunkFormat);
    header.varint(this.widthMs);
    header.varint(this.keys);
    header.varint(rows);
    header.zigzag(rows === 0 ? 0 : this.basePane);
    const bytes = new Uint8Array(header.at + writer.at + restarts.length * 4);
    bytes.set(header.bytes.subarray(0, header.at));
    bytes.set(writer.bytes.subarray(0, writer.at), header.at);
    const directory = new DataView(bytes.buffer, header.at + writer.at);
    restarts.forEach((place, i) => directory.setUint32(i * 4, place, true));
    header.at = 0;
    writer.at = 0;
    restarts.length = 0;
    this.rows = 0;
    this.keys = 0;
    return { bytes, rows };
  }
}
