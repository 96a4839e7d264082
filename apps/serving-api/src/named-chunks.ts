/**
 * Chunks that an answer is the sum of. Each has a name that no chunk of other content has: the build, or the place of
 * a speed row with the position that was applied to it (rows of one place and position are the same bytes, X2).
 */
export interface NamedChunks {
  readonly names: string[];
  readonly bytes: Uint8Array[];
}
