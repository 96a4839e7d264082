import type { IncomingMessage } from 'node:http';

/** Larger bodies are refused before they are read to the end. */
export const MAX_BODY_BYTES = 100_000;

/** The body as text; null: it is larger than `MAX_BODY_BYTES`. Rejects when the client goes away. */
export function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return Promise.resolve(null);
  // Plain listeners: iterating a stream costs as much as parsing the query does.
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MAX_BODY_BYTES) {
        pieces.push(piece);
        return;
      }
      request.pause();
      resolve(null);
    });
    request.on('end', () => resolve(textOf(pieces)));
    request.on('error', reject);
  });
}

function textOf(pieces: readonly Buffer[]): string {
  const [first] = pieces;
  return (pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces)).toString('utf8');
}
