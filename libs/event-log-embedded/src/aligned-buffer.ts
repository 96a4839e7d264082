/** Bytes that can also be read as 32-bit integers and 64-bit floats, little end first, as frames are laid out. */
export class AlignedBuffer {
  readonly bytes: Uint8Array;
  readonly ints: Int32Array;
  readonly floats: Float64Array;

  constructor(sizeBytes: number) {
    const buffer = new ArrayBuffer(roundUp8(sizeBytes));
    this.bytes = new Uint8Array(buffer);
    this.ints = new Int32Array(buffer);
    this.floats = new Float64Array(buffer);
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }
}

export function roundUp8(size: number): number {
  return Math.ceil(size / 8) * 8;
}
