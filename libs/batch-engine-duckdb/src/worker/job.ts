import { DuckDBTypeId, type DuckDBConnection, type DuckDBResult } from '@duckdb/node-api';
import type { Clock } from '@twofold/service';
import { TEXT_PIECES, type ResultKind } from '../result-kind.ts';
import { encodeBlock } from './encode-block.ts';
import { ResultBlock } from './result-block.ts';

/** Rows of a block: 16 vectors of the engine. A few megabytes for a view of ten columns. */
const BLOCK_ROWS = 16 * 2048;

/** How often a cancelled statement is told so again: one that has not begun yet does not hear it. */
const CANCEL_AGAIN_MS = 20;

const typesOf: Readonly<Record<ResultKind, readonly DuckDBTypeId[]>> = {
  number: [DuckDBTypeId.DOUBLE],
  int128: [DuckDBTypeId.HUGEINT],
  text: [DuckDBTypeId.VARCHAR, ...Array.from({ length: TEXT_PIECES }, () => DuckDBTypeId.BLOB)],
};

/** One statement, from its start to its last block; sends no block beyond the credits it was given. */
export class Job {
  #credits: number;
  #wake: (() => void) | null = null;
  #cancelled = false;
  #connection: DuckDBConnection | null = null;

  readonly #clock: Clock;

  constructor(credits: number, clock: Clock) {
    this.#credits = credits;
    this.#clock = clock;
  }

  more(): void {
    this.#credits++;
    this.#wake?.();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wake?.();
    void this.#interrupt();
  }

  /** Resolves after the last block was sent, or earlier when cancelled; rejects with the engine's error. */
  async run(
    connect: () => Promise<DuckDBConnection>,
    sql: string,
    kinds: readonly ResultKind[],
    send: (block: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const connection = await connect();
    this.#connection = connection;
    try {
      if (this.#cancelled) return;
      await this.#sendBlocks(await connection.stream(sql), kinds, send);
    } finally {
      this.#connection = null;
      connection.closeSync();
    }
  }

  async #interrupt(): Promise<void> {
    while (this.#connection !== null) {
      this.#connection.interrupt();
      await this.#clock.sleep(CANCEL_AGAIN_MS);
    }
  }

  async #sendBlocks(
    result: DuckDBResult,
    kinds: readonly ResultKind[],
    send: (block: Uint8Array) => Promise<void>,
  ): Promise<void> {
    checkTypes(result, kinds);
    const block = new ResultBlock(kinds, BLOCK_ROWS);
    while (!this.#cancelled) {
      const chunk = await result.fetchChunk();
      const ended = chunk === null || chunk.rowCount === 0;
      if (block.rows > 0 && (ended || block.rows + chunk.rowCount > BLOCK_ROWS)) {
        await this.#credit();
        if (this.#cancelled) return;
        await send(encodeBlock(block));
        block.clear();
      }
      if (ended) return;
      block.add(chunk);
    }
  }

  async #credit(): Promise<void> {
    while (this.#credits === 0 && !this.#cancelled)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#wake = null;
    this.#credits--;
  }
}

function checkTypes(result: DuckDBResult, kinds: readonly ResultKind[]): void {
  const types = kinds.flatMap((kind) => typesOf[kind]);
  const found = Array.from({ length: result.columnCount }, (_, index) => result.columnTypeId(index));
  if (found.length === types.length && found.every((type, index) => type === types[index])) return;
  throw new TypeError(`the statement gives columns of types ${String(found)}, not ${String(types)}`);
}
