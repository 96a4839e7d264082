import type { ResultKind } from './result-kind.ts';

/** What the child is started with, as JSON in its first argument. */
export interface ChildSettings {
  readonly threads: number;
  readonly memoryLimitBytes: number;
  /** The child's own; it is gone when the child is. */
  readonly spillFolder: string;
  /** Null: what the engine allows itself. */
  readonly spillLimitBytes: number | null;
}

/** Parent to child, one JSON text a line on the child's standard input. When the input ends, so does the child. */
export type Order =
  /** Runs a statement. The child sends up to `credits` blocks before it waits for `more`. */
  | {
      readonly order: 'run';
      readonly job: number;
      readonly sql: string;
      readonly kinds: readonly ResultKind[];
      readonly credits: number;
    }
  | { readonly order: 'more'; readonly job: number }
  | { readonly order: 'cancel'; readonly job: number };

/**
 * Child to parent, on its file descriptor 3. A job has any number of blocks (an Arrow stream each, see `encodeBlock`)
 * and then one end: `done`, or `failed` with the engine's message in UTF-8. The numbers never change.
 */
export const FrameKind = { block: 1, done: 2, failed: 3 } as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Where the child writes its frames. */
export const FRAME_FD = 3;

/** Three little-endian words: bytes of payload, job, kind. */
export const FRAME_HEADER_BYTES = 12;

export function frameHeader(payloadBytes: number, job: number, kind: FrameKind): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, payloadBytes, true);
  view.setUint32(4, job, true);
  view.setUint32(8, kind, true);
  return header;
}
