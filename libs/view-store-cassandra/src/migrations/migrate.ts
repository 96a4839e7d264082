import type { Clock, Ids } from '@twofold/service';
import { StoreError } from '@twofold/view-store';
import { types, type Client } from 'cassandra-driver';
import { createHash } from 'node:crypto';
import type { CassandraSettings } from '../settings.ts';
import { isOutcomeUnknown } from '../cassandra-failure.ts';
import { tables } from './0001-tables.ts';
import { jobs } from './0002-jobs.ts';
import { droppedLetters } from './0003-dropped-letters.ts';
import { changeSchema } from './change-schema.ts';
import type { Migration } from './migration.ts';

/** All steps, in order. A new format is a new file and a new line here. */
export const migrations: readonly Migration[] = [tables, jobs, droppedLetters];

/** How long one program may hold the right to change the schema before another takes it over, seconds. */
const lockSeconds = 60;
/** How long a program waits for another one's steps. */
const waitMs = 5 * 60_000;
const lookAgainMs = 500;

const locally = {
  consistency: types.consistencies.localQuorum,
  serialConsistency: types.consistencies.localSerial,
};

/**
 * Makes the keyspace when it is not there and brings it to the newest format. Several programs may do it at once: one
 * works, under a lock that ends by itself, the others wait.
 * @throws STORE_FORMAT_UNKNOWN when a newer program was here; nothing was changed.
 */
export async function migrate(
  client: Client,
  settings: CassandraSettings,
  ports: { readonly clock: Clock; readonly ids: Ids },
  known: readonly Migration[] = migrations,
): Promise<void> {
  const { keyspace } = settings;
  if ((await formatOf(client, keyspace)) === known.length) return;
  await makeKeyspace(client, settings, ports.clock);
  const owner = ports.ids.next();
  const giveUpAt = ports.clock.monotonic() + waitMs;
  while ((await formatOf(client, keyspace, known)) < known.length) {
    if (await lock(client, keyspace, owner)) {
      try {
        await applyNext(client, keyspace, known, ports.clock);
      } finally {
        await unlock(client, keyspace, owner);
      }
    } else if (ports.clock.monotonic() > giveUpAt) throw stuck(keyspace);
    else await ports.clock.sleep(lookAgainMs);
  }
}

async function makeKeyspace(client: Client, { keyspace, replication }: CassandraSettings, clock: Clock): Promise<void> {
  const schema = (statement: string): Promise<void> => changeSchema(client, statement, clock);
  const copies = Object.entries(replication).map(([center, count]) => `'${center}': ${count}`);
  await schema(
    `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', ${copies.join(', ')}}`,
  );
  // With ids of their own, so that two programs that make them at once make the same tables.
  await schema(
    `CREATE TABLE IF NOT EXISTS ${keyspace}.migrations (number int PRIMARY KEY, name text, applied_at bigint, owner text)
     WITH id = ${tableId(keyspace, 1)}`,
  );
  await schema(
    `CREATE TABLE IF NOT EXISTS ${keyspace}.stores (project text PRIMARY KEY, incarnation text, created_at bigint)
     WITH id = ${tableId(keyspace, 2)}`,
  );
}

/** The same for everybody, and of no other table. */
function tableId(keyspace: string, number: number): string {
  const hex = createHash('sha256').update(`${keyspace}.${number}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The number of the last step that was taken; 0 when there is no keyspace. */
async function formatOf(client: Client, keyspace: string, known: readonly Migration[] = migrations): Promise<number> {
  const there = await client.execute(
    'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, 'migrations'],
    { prepare: true },
  );
  if (there.first() === null) return 0;
  const steps = await client.execute(`SELECT number, applied_at FROM ${keyspace}.migrations`, [], {
    prepare: true,
    consistency: types.consistencies.localQuorum,
  });
  const taken = steps.rows.filter((row) => row.get('applied_at') !== null).map((row) => Number(row.get('number')));
  const format = Math.max(0, ...taken);
  if (format > known.length)
    throw new StoreError(
      'STORE_FORMAT_UNKNOWN',
      `the keyspace ${keyspace} has format ${format}, this program knows formats up to ${known.length}; nothing was changed. Use the newer program, or name another keyspace.`,
      { facts: { keyspace, format, known: known.length } },
    );
  return format;
}

/** Row 0 is the lock; it is gone after `lockSeconds` by itself. An attempt whose outcome is unknown is seen by the next. */
async function lock(client: Client, keyspace: string, owner: string): Promise<boolean> {
  try {
    const result = await client.execute(
      `INSERT INTO ${keyspace}.migrations (number, owner) VALUES (0, ?) IF NOT EXISTS USING TTL ${lockSeconds}`,
      [owner],
      { prepare: true, isIdempotent: false, ...locally },
    );
    return result.wasApplied() || result.first()?.get('owner') === owner;
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    return false;
  }
}

async function unlock(client: Client, keyspace: string, owner: string): Promise<void> {
  await client
    .execute(`DELETE FROM ${keyspace}.migrations WHERE number = 0 IF owner = ?`, [owner], { prepare: true, ...locally })
    .catch((error: unknown) => {
      // It ends by itself.
      if (!isOutcomeUnknown(error)) throw error;
    });
}

async function applyNext(client: Client, keyspace: string, known: readonly Migration[], clock: Clock): Promise<void> {
  const step = known[await formatOf(client, keyspace, known)];
  if (step === undefined) return;
  for (const statement of step.statements)
    await changeSchema(client, statement.replaceAll('$.', `${keyspace}.`), clock);
  await client.execute(
    `INSERT INTO ${keyspace}.migrations (number, name, applied_at) VALUES (?, ?, ?)`,
    [step.number, step.name, BigInt(clock.now())],
    { prepare: true, isIdempotent: true, consistency: types.consistencies.localQuorum },
  );
}

function stuck(keyspace: string): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `another program has been changing the keyspace ${keyspace} for ${waitMs / 1000} seconds; look whether it hangs`,
    { facts: { keyspace }, retryable: true },
  );
}
