import { types, type Client } from 'cassandra-driver';
import { isOutcomeUnknown } from './cassandra-failure.ts';
import { emptiedTable, guardRows } from './guard-rows.ts';
import { serialRead } from './serial-read.ts';

const { consistencies } = types;
const serial = {
  prepare: true,
  isIdempotent: false,
  consistency: consistencies.localQuorum,
  serialConsistency: consistencies.localSerial,
};

/**
 * The incarnation of a project's store (E5): found, or `fresh` where the store is new. Of several that begin it at
 * once, one wins and all get its. A store of which a table was emptied is given up, and a new one begun.
 */
export async function register(
  client: Client,
  keyspace: string,
  of: { readonly project: string; readonly fresh: string; readonly now: number },
): Promise<string> {
  for (;;) {
    const found = await incarnationOf(client, keyspace, of.project);
    if (found !== null) {
      if ((await emptied(client, keyspace, of.project, found)) === null) return found;
      await unregister(client, keyspace, of.project, found);
    }
    await guard(client, keyspace, of.project, of.fresh);
    await settled(
      client.execute(
        `INSERT INTO ${keyspace}.stores (project, incarnation, created_at) VALUES (?, ?, ?) IF NOT EXISTS`,
        [of.project, of.fresh, BigInt(of.now)],
        serial,
      ),
    );
  }
}

/** Null when the project has no store. */
export async function incarnationOf(client: Client, keyspace: string, project: string): Promise<string | null> {
  const query = `SELECT incarnation FROM ${keyspace}.stores WHERE project = ?`;
  const options = { prepare: true, isIdempotent: true, consistency: consistencies.localSerial };
  const result = await serialRead(() => client.execute(query, [project], options));
  const found: unknown = result.first()?.get('incarnation');
  return typeof found === 'string' ? found : null;
}

/** Before anybody can find the store. */
async function guard(client: Client, keyspace: string, project: string, incarnation: string): Promise<void> {
  const options = { prepare: true, isIdempotent: true, consistency: consistencies.localQuorum };
  const write = guardRows.map(({ insert, ending }) =>
    client.execute(insert.replace('$.', `${keyspace}.`), [project, incarnation + ending], options),
  );
  await Promise.all(write);
}

function emptied(client: Client, keyspace: string, project: string, incarnation: string): Promise<string | null> {
  const options = { prepare: true, isIdempotent: true, consistency: consistencies.localQuorum };
  return emptiedTable(guardRows, { project, incarnation }, async (query, params) => {
    const found = await client.execute(query.replace('$.', `${keyspace}.`), [...params], options);
    return found.first() !== null;
  });
}

/** From now on nothing of the store is seen, by nobody. A store that is another one by now stays. */
export async function unregister(
  client: Client,
  keyspace: string,
  project: string,
  given: string | null,
): Promise<void> {
  if (given === null) return;
  const remove = `DELETE FROM ${keyspace}.stores WHERE project = ? IF incarnation = ?`;
  do await settled(client.execute(remove, [project, given], serial));
  while ((await incarnationOf(client, keyspace, project)) === given);
}

/** What came of an attempt whose outcome is unknown, the read that follows tells, which takes part in the agreement. */
async function settled(attempt: Promise<unknown>): Promise<void> {
  await attempt.catch((error: unknown) => {
    if (!isOutcomeUnknown(error)) throw error;
  });
}
