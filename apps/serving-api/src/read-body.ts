import type { IncomingMessage } from 'node:http';

/** Larger bodies are refused before they are read to the end. */
export const MAX_BODY_BYTES = 100_000;

/** The body as text; null: it is larger than `MAX_BODY_BYTES`. Rejects when the client goes away. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return null;
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!(piece instanceof Buffer)) continue;
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes).toString('utf8');
}
