import type { ResultKind } from './result-kind.ts';

/** Blocks that the child may have sent and nobody has taken yet. */
export const WINDOW_BLOCKS = 3;

/** One statement in the child, seen from the parent: the blocks that came, and how it ended. */
export class EngineJob {
  readonly number: number;
  readonly sql: string;
  readonly kinds: readonly ResultKind[];
  /** Aborted when the child has said its last word about this job, or is gone. */
  readonly closing = new AbortController();
  readonly #blocks: Uint8Array[] = [];
  #end: { readonly error: unknown } | 'done' | null = null;
  #wake: (() => void) | null = null;

  constructor(number: number, sql: string, kinds: readonly ResultKind[]) {
    this.number = number;
    this.sql = sql;
    this.kinds = kinds;
  }

  push(block: Uint8Array): void {
    if (this.#end === null) this.#blocks.push(block);
    this.#wake?.();
  }

  done(): void {
    this.#end ??= 'done';
    this.#wake?.();
  }

  /** Ends the job at once; blocks that are waiting are let go of. */
  fail(error: unknown): void {
    if (this.#end === null) {
      this.#end = { error };
      this.#blocks.length = 0;
    }
    this.#wake?.();
  }

  /** The next block; null after the last. Rejects with what the job failed with. */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const block = this.#blocks.shift();
      if (block !== undefined) return block;
      if (this.#end === 'done') return null;
      if (this.#end !== null) throw this.#end.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }
}
