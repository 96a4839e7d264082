import type { CqlValue, Session } from './session.ts';

/** Rows that say the same for ever, such as those of directories: a handle writes each until it is acknowledged, and no more. */
export class WrittenOnce {
  readonly #session: Session;
  readonly #insert: string;
  readonly #written = new Set<string>();

  /** @param insert its row may be removed only for good: a later write would change nothing */
  constructor(session: Session, insert: string) {
    this.#session = session;
    this.#insert = insert;
  }

  async write(params: readonly CqlValue[]): Promise<void> {
    const row = params.join('\n');
    if (this.#written.has(row)) return;
    await this.#session.write(this.#insert, params);
    this.#written.add(row);
  }
}
