/**
 * Copies many byte arrays into one new buffer that can move to another thread without being copied again, whatever
 * larger buffers they were parts of. Gives views of it in the same order.
 */
export function packedCopy(parts: readonly Uint8Array[]): {
  readonly buffer: ArrayBuffer;
  readonly views: Uint8Array[];
} {
  const buffer = new ArrayBuffer(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  const views = parts.map((part) => {
    const view = new Uint8Array(buffer, at, part.byteLength);
    view.set(part);
    at += part.byteLength;
    return view;
  });
  return { buffer, views };
}
