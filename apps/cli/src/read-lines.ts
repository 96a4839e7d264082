/** A line of a file, byte for byte, without its end (`\n` or `\r\n`). */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly sizeBytes: number;
  /** Null: it is longer than was asked for, and was not kept. */
  readonly bytes: Uint8Array | null;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Splits bytes into lines without reading them as text, so that what is no UTF-8 stays what it is. Lines of blanks are
 * left out. Holds at most `maxBytes` and one part of the input at a time.
 */
export async function* readLines(input: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let held: Uint8Array[] = [];
  let sizeBytes = 0;
  let number = 1;
  const hold = (piece: Uint8Array): void => {
    sizeBytes += piece.length;
    // One byte more than asked for: it may be the line's carriage return.
    if (sizeBytes <= maxBytes + 1) held.push(piece);
    else held = [];
  };
  const take = (): Line | null => {
    const whole = sizeBytes <= maxBytes + 1 ? Buffer.concat(held) : null;
    const bytes = whole?.at(-1) === RETURN ? whole.subarray(0, -1) : whole;
    const line = { number, sizeBytes: bytes?.length ?? sizeBytes, bytes: fits(bytes, maxBytes) };
    held = [];
    sizeBytes = 0;
    number += 1;
    return bytes !== null && isBlank(bytes) ? null : line;
  };
  for await (const part of input) {
    let start = 0;
    for (let end = part.indexOf(NEWLINE); end >= 0; end = part.indexOf(NEWLINE, start)) {
      hold(part.subarray(start, end));
      start = end + 1;
      const line = take();
      if (line !== null) yield line;
    }
    hold(part.subarray(start));
  }
  const last = sizeBytes > 0 ? take() : null;
  if (last !== null) yield last;
}

function fits(bytes: Uint8Array | null, maxBytes: number): Uint8Array | null {
  return bytes !== null && bytes.length <= maxBytes ? bytes : null;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === RETURN);
}
