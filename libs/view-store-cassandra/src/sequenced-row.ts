import { Semaphore } from '@twofold/service';
import { StoreError } from '@twofold/view-store';
import { isOutcomeUnknown } from './cassandra-failure.ts';
import { numberIn, textIn } from './column.ts';
import type { CqlRow, CqlValue, Session } from './session.ts';

/** The statements of a table whose rows are changed by compare-and-set on their sequence. */
export interface SequencedStatements {
  /** Sequence and body, by key. */
  readonly select: string;
  /** Key, sequence, body. */
  readonly insert: string;
  /** Sequence, body, key, sequence before. */
  readonly update: string;
}

/** How often an attempt of unknown outcome that is seen to have had none is made again. */
const attempts = 5;

/** One row that changes by compare-and-set on its sequence. */
export class SequencedRow {
  readonly #session: Session;
  readonly #statements: SequencedStatements;
  readonly #key: readonly CqlValue[];
  /** For messages. */
  readonly #what: string;
  /** Attempts of one handle would only get in each other's way. */
  readonly #oneByOne = new Semaphore(1);
  /** After an outcome that nobody knows, reads take part in the agreement until one has settled it (E15). */
  #unsettled = false;

  constructor(session: Session, statements: SequencedStatements, key: readonly CqlValue[], what: string) {
    this.#session = session;
    this.#statements = statements;
    this.#key = key;
    this.#what = what;
  }

  async read(): Promise<CqlRow | null> {
    const serial = this.#unsettled;
    const { select } = this.#statements;
    const found = await (serial
      ? this.#session.firstSerial(select, this.#key)
      : this.#session.first(select, this.#key));
    if (serial) this.#unsettled = false;
    return found;
  }

  create(sequence: number, body: string): Promise<boolean> {
    const params = [...this.#key, BigInt(sequence), body];
    return this.#settle(sequence, body, () => this.#session.writeIf(this.#statements.insert, params));
  }

  /** Sets the row when its sequence is the one before. */
  set(sequence: number, body: string): Promise<boolean> {
    const params = [BigInt(sequence), body, ...this.#key, BigInt(sequence - 1)];
    return this.#settle(sequence, body, () => this.#session.writeIf(this.#statements.update, params));
  }

  /**
   * Makes the attempt, and settles an unknown outcome by its effect: a read that takes part in the agreement ends
   * whatever was under way before it.
   */
  #settle(sequence: number, body: string, attempt: () => Promise<boolean>): Promise<boolean> {
    return this.#oneByOne.run(async () => {
      for (let left = attempts; ; left--) {
        try {
          return await attempt();
        } catch (error) {
          if (!isOutcomeUnknown(error)) throw error;
          const outcome = await this.#effectOf(sequence, body, error);
          if (outcome !== 'NONE') return outcome === 'OURS';
          if (left <= 1) throw error;
        }
      }
    });
  }

  async #effectOf(wanted: number, body: string, cause: unknown): Promise<'OURS' | 'OTHERS' | 'NONE'> {
    this.#unsettled = true;
    const found = await this.#session.firstSerial(this.#statements.select, this.#key).catch((error: unknown) => {
      throw this.#outcomeUnknown(wanted, error);
    });
    this.#unsettled = false;
    if (found === null) return 'NONE';
    const sequence = numberIn(found, 'sequence');
    if (sequence === wanted) return textIn(found, 'body') === body ? 'OURS' : 'OTHERS';
    if (sequence < wanted) return 'NONE';
    throw this.#outcomeUnknown(wanted, cause);
  }

  #outcomeUnknown(sequence: number, cause: unknown): StoreError {
    return new StoreError(
      'OUTCOME_UNKNOWN',
      `it is not known whether the change of ${this.#what} to sequence ${sequence} was applied; read the row and go by what is there`,
      { cause, retryable: true, facts: { sequence } },
    );
  }
}
