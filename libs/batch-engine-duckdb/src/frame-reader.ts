import { FRAME_HEADER_BYTES } from './child-protocol.ts';

export interface Frame {
  readonly job: number;
  readonly kind: number;
  /** In a buffer of its own, from its start: columns may be views of it. */
  readonly payload: Uint8Array;
}

/** Puts frames together from the pieces in which they come. */
export class FrameReader {
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  #payload: Uint8Array | null = null;
  #payloadFilled = 0;

  /** The frames that these bytes complete. */
  *push(bytes: Uint8Array): Generator<Frame> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#payload === null) at += this.#fillHeader(bytes, at);
      if (this.#payload === null) return;
      const take = Math.min(this.#payload.length - this.#payloadFilled, bytes.length - at);
      this.#payload.set(bytes.subarray(at, at + take), this.#payloadFilled);
      this.#payloadFilled += take;
      at += take;
      if (this.#payloadFilled === this.#payload.length) yield this.#take(this.#payload);
    }
  }

  #fillHeader(bytes: Uint8Array, at: number): number {
    const take = Math.min(FRAME_HEADER_BYTES - this.#headerFilled, bytes.length - at);
    this.#header.set(bytes.subarray(at, at + take), this.#headerFilled);
    this.#headerFilled += take;
    if (this.#headerFilled === FRAME_HEADER_BYTES) this.#payload = new Uint8Array(this.#word(0));
    return take;
  }

  #take(payload: Uint8Array): Frame {
    const frame = { job: this.#word(4), kind: this.#word(8), payload };
    this.#headerFilled = 0;
    this.#payload = null;
    this.#payloadFilled = 0;
    return frame;
  }

  #word(at: number): number {
    return new DataView(this.#header.buffer).getUint32(at, true);
  }
}
