import type { Client } from 'cassandra-driver';
import { connect } from '../connect.ts';
import type { CassandraSettings } from '../settings.ts';

/** The driver as it is, without a store: what rates are compared with. */
export class PlainDriver {
  readonly #client: Client;
  readonly #table: string;

  private constructor(client: Client, keyspace: string) {
    this.#client = client;
    this.#table = `${keyspace}.plain_rows`;
  }

  /** The keyspace has to be there. */
  static async open(settings: CassandraSettings): Promise<PlainDriver> {
    return new PlainDriver(await connect(settings), settings.keyspace);
  }

  async makeTable(): Promise<void> {
    const columns = 'block bigint, bucket int, cell blob, PRIMARY KEY (block, bucket)';
    const leveled = "compaction = {'class': 'LeveledCompactionStrategy'}";
    await this.#client.execute(`CREATE TABLE IF NOT EXISTS ${this.#table} (${columns}) WITH ${leveled}`, [], {
      prepare: false,
    });
  }

  /** So many rows of one partition, in one prepared, unlogged batch. */
  async insert(block: number, rows: number, cell: Buffer): Promise<void> {
    const query = `INSERT INTO ${this.#table} (block, bucket, cell) VALUES (?, ?, ?)`;
    const statements = Array.from({ length: rows }, (_, bucket) => ({ query, params: [BigInt(block), bucket, cell] }));
    await this.#client.batch(statements, { logged: false, isIdempotent: true, prepare: true });
  }

  async read(query: string, params: readonly string[]): Promise<void> {
    await this.#client.execute(query, [...params], { prepare: true, isIdempotent: true });
  }

  close(): Promise<void> {
    return this.#client.shutdown();
  }
}
