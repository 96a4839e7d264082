import { types, type Client } from 'cassandra-driver';
import { isOutcomeUnknown } from './cassandra-failure.ts';
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
 * once, one wins and all get its.
 */
export async function register(
  client: Client,
  keyspace: string,
  of: { readonly project: string; readonly fresh: string; readonly now: number },
): Promise<string> {
  for (;;) {
    const found = await incarnationOf(client, keyspace, of.project);
    if (found !== null) return found;
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

/** From now on nothing of the store is seen, by nobody. */
export async function unregister(client: Client, keyspace: string, project: string): Promise<void> {
  const given = await incarnationOf(client, keyspace, project);
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
