import type { FsFile } from '@twofold/service';
import { AlignedBuffer } from './aligned-buffer.ts';
import { frameHeaderBytes, frameIntact, frameLength, plausibleHeader, recordsMagic, sealMagic } from './frame.ts';

/** Reads whole, checked frames of one segment through a buffer that is used again and again. */
export class FrameReader {
  readonly #file: FsFile;
  readonly #salt: number;
  buffer: AlignedBuffer;
  /** Position in the file of the buffer's first byte, and how many bytes are there. */
  #base = 0;
  #length = 0;
  /** The buffer's frames from its first byte up to this position, without a gap, were checked. */
  #checkedTo = 0;

  constructor(file: FsFile, salt: number, buffer: AlignedBuffer) {
    this.#file = file;
    this.#salt = salt;
    this.buffer = buffer;
  }

  /** Bytes of the buffer that hold file content. */
  get loadedBytes(): number {
    return this.#length;
  }

  /**
   * The place in the buffer of the frame at a position; -1 when no intact frame is there. Reads `readBytes` ahead
   * when it has to read at all, but never at or beyond `limit`, which is at most the file's size: a damaged length
   * must not become an allocation.
   */
  async frameAt(position: number, limit: number, readBytes: number): Promise<number> {
    const ready = this.frameInBuffer(position);
    if (ready >= 0) return ready;
    if (!(await this.#load(position, frameHeaderBytes, limit, readBytes))) return -1;
    const at = position - this.#base;
    if (!plausibleHeader(this.buffer, at)) return -1;
    if (!(await this.#load(position, frameLength(this.buffer, at), limit, readBytes))) return -1;
    return this.frameInBuffer(position);
  }

  /** The same without reading: -1 also when the frame is not wholly in the buffer. */
  frameInBuffer(position: number): number {
    const at = position - this.#base;
    if (at < 0 || at + frameHeaderBytes > this.#length || !plausibleHeader(this.buffer, at)) return -1;
    if (at + frameLength(this.buffer, at) > this.#length) return -1;
    if (position < this.#checkedTo) return at;
    if (!frameIntact(this.buffer, at, this.#salt)) return -1;
    if (position === this.#checkedTo) this.#checkedTo += frameLength(this.buffer, at);
    return at;
  }

  /** The first position from `position` on, in steps of 8, at which a frame could begin; null when there is none. */
  async nextCandidate(position: number, limit: number, readBytes: number): Promise<number | null> {
    for (let next = position; await this.#load(next, 8, limit, readBytes); next = this.#base + (this.#length & ~7)) {
      for (let at = next - this.#base; at + 8 <= this.#length; at += 8) {
        const magic = this.buffer.ints[at >> 2];
        if (magic === recordsMagic || magic === sealMagic) return this.#base + at;
      }
    }
    return null;
  }

  /** Sees to it that `[position, position + length)` is in the buffer; false: the file has not so much. */
  async #load(position: number, length: number, limit: number, readBytes: number): Promise<boolean> {
    if (position >= this.#base && position + length <= this.#base + this.#length) return true;
    if (position + length > limit) return false;
    const wanted = Math.min(Math.max(length, readBytes), limit - position);
    if (wanted > this.buffer.sizeBytes) this.buffer = new AlignedBuffer(wanted);
    this.#length = 0;
    this.#base = position;
    this.#checkedTo = position;
    this.#length = await this.#file.pread(this.buffer.bytes, wanted, position);
    return length <= this.#length;
  }
}
