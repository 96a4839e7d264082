import type { Clock } from '@twofold/service';
import { StoreError } from '@twofold/view-store';
import type { Client } from 'cassandra-driver';

/** How long nodes may take to hear of a change from each other. */
const agreementMs = 30_000;
const lookAgainMs = 100;

/**
 * Changes the schema, by a statement that does no harm when it runs again, and waits until every node that is up has
 * the change: the next statement may go to any of them.
 * @throws STORE_UNAVAILABLE when they do not agree in time; it may be tried again
 */
export async function changeSchema(client: Client, statement: string, clock: Clock): Promise<void> {
  await client.execute(statement, [], { prepare: false, isIdempotent: true });
  const until = clock.monotonic() + agreementMs;
  while (!(await agreed(client))) {
    if (clock.monotonic() > until)
      throw new StoreError(
        'STORE_UNAVAILABLE',
        `Cassandra's nodes do not agree on the schema after ${agreementMs / 1000} seconds; look at "nodetool describecluster"`,
        { retryable: true },
      );
    await clock.sleep(lookAgainMs);
  }
}

/** Those that can not be asked do not count: they hear of the change when they are up again. */
async function agreed(client: Client): Promise<boolean> {
  const up = client.hosts.values().filter((host) => host.isUp());
  const answers = await Promise.all(
    up.map((host) =>
      client.execute('SELECT schema_version FROM system.local', [], { host, isIdempotent: true }).then(
        (found) => String(found.first()?.get('schema_version')),
        () => null,
      ),
    ),
  );
  return new Set(answers.filter((version) => version !== null)).size === 1;
}
