import { isTwofoldError } from '@twofold/schemas';
import { Semaphore } from '@twofold/service';
import { storeClosed, StoreError, storeGone } from '@twofold/view-store';
import { types, type Client, type QueryOptions } from 'cassandra-driver';
import { cassandraFailure } from './cassandra-failure.ts';
import { emptiedTable, readGuards } from './guard-rows.ts';
import { oncePerTurn } from './once-per-turn.ts';
import { serialRead } from './serial-read.ts';

export type CqlValue = string | number | bigint | boolean | Buffer | null | readonly CqlValue[];

export interface Statement {
  readonly query: string;
  readonly params: readonly CqlValue[];
}

/** Rows as the driver gives them; read with the functions of `column.ts`. */
export type CqlRow = Readonly<Record<string, unknown>>;

/** Two thirds of a page's rows may be chunks of 100 kB: a page stays far below what a frame can hold. */
const pageRows = 128;

const registered = 'SELECT incarnation FROM $.stores WHERE project = ?';

const quorum = types.consistencies.localQuorum;

/** What every port of one handle speaks through: bounded, and bound to one incarnation of the store (E5). */
export class Session {
  readonly project: string;
  readonly incarnation: string;
  readonly keyspace: string;
  readonly #client: Client;
  readonly #permits: Semaphore;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Statements are constants: each is named once. */
  readonly #names = new Map<string, string>();
  readonly #stillThere = oncePerTurn(() => this.#look());
  readonly #whole = oncePerTurn(() => this.#lookWhole());
  #closed = false;

  constructor(
    client: Client,
    of: { project: string; incarnation: string; keyspace: string; requestsInFlight: number },
  ) {
    this.#client = client;
    this.project = of.project;
    this.incarnation = of.incarnation;
    this.keyspace = of.keyspace;
    this.#permits = new Semaphore(of.requestsInFlight);
  }

  /**
   * Runs one operation of a port, beside a look whether the store is still the one this handle was opened on.
   * @throws STORE_CLOSED, STORE_GONE, STORE_UNAVAILABLE, or the signal's reason.
   */
  async run<T>(operation: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    return this.#call(this.#beside(operation, cassandraFailure), signal);
  }

  /**
   * Runs one read that does without the look: what it gives counts once a call that looks has answered after it.
   * @throws STORE_CLOSED, STORE_UNAVAILABLE, or the signal's reason.
   */
  async runUnproved<T>(read: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    return this.#call(this.#unlooked(read), signal);
  }

  /**
   * Runs one compare-and-set, which is not to be tried again before its effect was looked for.
   * @throws also OUTCOME_UNKNOWN (E15)
   */
  async change(operation: () => Promise<boolean>): Promise<boolean> {
    return this.#call(this.#beside(operation, changeUnseen));
  }

  async #call<T>(call: Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#underWay.add(call);
    try {
      return await (signal === undefined ? call : orAborted(call, signal));
    } finally {
      void call.finally(() => this.#underWay.delete(call)).catch(() => undefined);
    }
  }

  /**
   * What is read or written of a store that is gone is kept under its incarnation, and so means nothing.
   * @param unseen what to say when the operation was done, and for now nobody knows of which store
   */
  async #beside<T>(operation: () => Promise<T>, unseen: (cause: unknown) => unknown): Promise<T> {
    if (this.#closed) throw storeClosed();
    const [there, done] = await Promise.allSettled([this.#stillThere(), operation()]);
    const failure = done.status === 'rejected' ? cassandraFailure(done.reason) : null;
    if (there.status === 'rejected') {
      const missing = cassandraFailure(there.reason);
      if (!isTwofoldError(missing) || !missing.retryable) throw missing;
      // What may have been applied must not be said to have failed.
      if (isTwofoldError(failure) && failure.code === 'OUTCOME_UNKNOWN') throw failure;
      throw failure === null ? unseen(there.reason) : missing;
    }
    if (done.status === 'rejected') throw failure;
    return done.value;
  }

  async #unlooked<T>(read: () => Promise<T>): Promise<T> {
    if (this.#closed) throw storeClosed();
    return read().catch((error: unknown) => {
      throw cassandraFailure(error);
    });
  }

  /**
   * Resolves when no table was emptied behind the store's back before this was called: what was read before is whole.
   * @throws STORE_GONE
   */
  whole(): Promise<void> {
    return this.#whole();
  }

  /** Every row. */
  async rows(query: string, params: readonly CqlValue[]): Promise<CqlRow[]> {
    const found: CqlRow[] = [];
    for await (const page of this.pages(query, params)) found.push(...page);
    return found;
  }

  /** Every row, as many at a time as one answer brings. */
  async *pages(query: string, params: readonly CqlValue[]): AsyncGenerator<readonly CqlRow[]> {
    let pageState: Buffer | string | null = null;
    do {
      const page: types.ResultSet = await this.#execute(query, params, {
        isIdempotent: true,
        consistency: quorum,
        fetchSize: pageRows,
        ...(pageState === null ? {} : { pageState }),
      });
      yield page.rows;
      pageState = page.pageState;
    } while (pageState !== null && pageState !== undefined);
  }

  async first(query: string, params: readonly CqlValue[]): Promise<CqlRow | null> {
    const options = { isIdempotent: true, consistency: quorum };
    return (await this.#execute(query, params, options)).first();
  }

  /** As of every compare-and-set that was answered or is under way; dear: it takes part in their agreement. */
  async firstSerial(query: string, params: readonly CqlValue[]): Promise<CqlRow | null> {
    const options = { isIdempotent: true, consistency: types.consistencies.localSerial };
    return (await serialRead(() => this.#execute(query, params, options))).first();
  }

  /** A write that may be done twice: its timestamp or its key decides, not its order. */
  async write(query: string, params: readonly CqlValue[]): Promise<void> {
    await this.#execute(query, params, { isIdempotent: true, consistency: quorum });
  }

  /** Writes of one partition at once. The caller has seen to that: across partitions it would cost more than it saves. */
  async writeTogether(statements: readonly Statement[]): Promise<void> {
    const [only] = statements;
    if (only === undefined) return;
    if (statements.length === 1) return this.write(only.query, only.params);
    const queries = statements.map(({ query, params }) => ({ query: this.#named(query), params: [...params] }));
    const options = { logged: false, isIdempotent: true, consistency: quorum, prepare: true };
    await this.#permits.run(() => this.#client.batch(queries, options));
  }

  /** A compare-and-set, never sent twice. True when it was applied. */
  async writeIf(query: string, params: readonly CqlValue[]): Promise<boolean> {
    const result = await this.#execute(query, params, {
      isIdempotent: false,
      consistency: quorum,
      serialConsistency: types.consistencies.localSerial,
    });
    return result.wasApplied();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    await this.#client.shutdown();
  }

  #execute(query: string, params: readonly CqlValue[], options: QueryOptions): Promise<types.ResultSet> {
    return this.#permits.run(() =>
      this.#client.execute(this.#named(query), [...params], { prepare: true, ...options }),
    );
  }

  /** `$.table` stands for the table in this store's keyspace, which was checked to be a plain identifier. */
  #named(query: string): string {
    const known = this.#names.get(query);
    if (known !== undefined) return known;
    const named = query.replaceAll('$.', `${this.keyspace}.`);
    this.#names.set(query, named);
    return named;
  }

  /**
   * Resolves when this store is the registered one, as of every registration that was answered: rows of others that were
   * read before belong to stores that are gone for good.
   * @throws STORE_GONE
   */
  async stillRegistered(): Promise<void> {
    this.#requireMine(await this.firstSerial(registered, [this.project]));
  }

  async #look(): Promise<void> {
    this.#requireMine(await this.first(registered, [this.project]));
  }

  #requireMine(row: CqlRow | null): void {
    if (row?.['incarnation'] !== this.incarnation) throw storeGone(this.incarnation);
  }

  async #lookWhole(): Promise<void> {
    const emptied = await emptiedTable(
      readGuards,
      this,
      async (query, params) => (await this.first(query, params)) !== null,
    );
    if (emptied !== null) throw tableEmptied(this.incarnation, `${this.keyspace}.${emptied}`);
  }
}

function tableEmptied(incarnation: string, table: string): StoreError {
  return new StoreError(
    'STORE_GONE',
    `the table ${table} was emptied behind the store's back; what is left would be answered as if it were all. Nothing of the store ${incarnation} counts any more: whoever opens it next begins a new one, and the views are made again from archive and log`,
    { facts: { incarnation, table } },
  );
}

function changeUnseen(cause: unknown): StoreError {
  return new StoreError(
    'OUTCOME_UNKNOWN',
    'a change was made, and whether the store is still the one it was meant for could not be looked at; read the row and go by what is there',
    { cause, retryable: true },
  );
}

/** The driver can not take a request back: the caller goes on, the request ends by itself. */
function orAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
