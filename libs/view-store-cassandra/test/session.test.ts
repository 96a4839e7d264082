import { StoreError } from '@twofold/view-store';
import { Client, errors, type types } from 'cassandra-driver';
import { afterEach, expect, it } from 'vitest';
import { Session } from '../src/session.ts';

const late = new errors.OperationTimedOutError('no answer in time', 'node-a');

/** How the looks end whether the store is still there. */
type Look = { readonly fails: Error } | { readonly finds: string };

class LookingClient extends Client {
  readonly #look: Look;

  constructor(look: Look) {
    super({ contactPoints: ['127.0.0.1'], localDataCenter: 'datacenter1' });
    this.#look = look;
  }

  override execute(): Promise<types.ResultSet> {
    const look = this.#look;
    if ('fails' in look) return Promise.reject(look.fails);
    const row: unknown = { incarnation: look.finds };
    return Promise.resolve({ first: () => row } as types.ResultSet);
  }
}

const clients: Client[] = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.shutdown())));

function sessionLooking(look: Look): Session {
  const client = new LookingClient(look);
  clients.push(client);
  return new Session(client, { project: 'plant', incarnation: 'one', keyspace: 'k', requestsInFlight: 4 });
}

it('E15: does not say that a change failed when only the look beside it did', async () => {
  const session = sessionLooking({ fails: late });
  const unknown = { code: 'OUTCOME_UNKNOWN', retryable: true };
  for (const applied of [true, false])
    await expect(session.change(() => Promise.resolve(applied))).rejects.toMatchObject(unknown);
});

it('E15: keeps an unknown outcome when the look beside it failed, too', async () => {
  const session = sessionLooking({ fails: late });
  const told = new StoreError('OUTCOME_UNKNOWN', 'said so', { retryable: true });
  await expect(session.change(() => Promise.reject(told))).rejects.toBe(told);
});

it('says that a change that was not made may be tried again, and so for every read and write', async () => {
  const session = sessionLooking({ fails: late });
  const passes = { code: 'STORE_UNAVAILABLE', retryable: true };
  await expect(session.change(() => Promise.reject(new errors.NoHostAvailableError({})))).rejects.toMatchObject(passes);
  await expect(session.run(() => Promise.resolve(1))).rejects.toMatchObject(passes);
});

it('E5: gives nothing of a store that is gone, whatever was answered', async () => {
  const session = sessionLooking({ finds: 'another' });
  const gone = { code: 'STORE_GONE', retryable: false };
  await expect(session.change(() => Promise.resolve(true))).rejects.toMatchObject(gone);
  await expect(session.run(() => Promise.resolve(1))).rejects.toMatchObject(gone);
  await expect(session.run(() => Promise.reject(late))).rejects.toMatchObject(gone);
  expect(await sessionLooking({ finds: 'one' }).change(() => Promise.resolve(true))).toBe(true);
});
