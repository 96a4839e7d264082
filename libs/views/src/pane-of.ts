import { ChunkError } from './chunk-error.ts';

/** The pane of a width that an instant falls into, by its start. */
export function paneOf(time: number, widthMs: number): number {
  return Math.floor(time / widthMs) * widthMs + 0;
}

export function checkWidth(widthMs: number, finer: number): void {
  if (finer > 0 && widthMs % finer === 0) return;
  throw new ChunkError('PANE_WIDTH_INVALID', `Panes of ${widthMs} ms can not be summed from panes of ${finer} ms.`, {
    facts: { widthMs, finer },
  });
}

/** Of a key's id and a pane: where to look for its slot first. */
export function hashOfPane(key: number, pane: number): number {
  const high = Math.floor(pane / 0x1_0000_0000);
  let hash =
    Math.imul(key, 0x9e3779b1) ^ Math.imul(pane - high * 0x1_0000_0000, 0x85ebca6b) ^ Math.imul(high, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
