import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCassandraStore, type CassandraSettings } from '../src/index.ts';
import { executeCql } from '../src/testing/index.ts';
import { removeCassandra, startCassandra } from './services-of-tests.ts';
import { clock, ids } from './test-ports.ts';

const wanted = process.env['TWOFOLD_TEST_SERVICES'] === '1';
if (!wanted) console.log('SKIPPED: the store on a node with TLS and passwords; TWOFOLD_TEST_SERVICES=1 runs it');

/** How soon what is wrong has to be named, on a busy machine. */
const secondsMs = 20_000;

describe.skipIf(!wanted)('the store on a node with TLS and passwords', () => {
  let folder = '';
  const keyspace = `secured_${process.pid}`;
  let settings: CassandraSettings;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cassandra-secured-'));
    const { address, access = '' } = await startCassandra(folder, '--secured', '--cassandra-heap', '512');
    const { username, password, authority } = JSON.parse(readFileSync(access, 'utf8')) as Record<string, string>;
    settings = {
      contactPoints: [address],
      localDataCenter: 'datacenter1',
      keyspace,
      replication: { datacenter1: 1 },
      credentials: { username: username ?? '', password: password ?? '' },
      tls: { ca: readFileSync(authority ?? '', 'utf8') },
    };
  }, 400_000);
  afterAll(async () => {
    await removeCassandra(folder);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('is opened, written and read', { timeout: 120_000 }, async () => {
    const store = await openCassandraStore({ settings, project: 'p', ids, clock });
    const lane = { view: 'v', version: 1, partition: 0, lane: 'base' } as const;
    const record = { ...lane, next: 7, maxEventTime: null, lastLogTime: null, caughtUpAt: null };
    await store.progress.write([record]);
    expect(await store.progress.read(lane)).toEqual([record]);
    await store.close();
  });

  /** What is said when the store can not be opened. */
  const refusal = async (changed: Partial<CassandraSettings>, without: readonly (keyof CassandraSettings)[] = []) => {
    const given = Object.fromEntries(
      Object.entries({ ...settings, requestTimeoutMs: 5_000, ...changed }).filter(
        ([name]) => !without.some((each) => each === name),
      ),
    ) as unknown as CassandraSettings;
    const error = await Promise.race([
      openCassandraStore({ settings: given, project: 'p', ids, clock }).then(
        () => null,
        (thrown: unknown) => thrown,
      ),
      clock.sleep(secondsMs),
    ]);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    return error as { readonly message: string; readonly retryable: boolean };
  };

  it('names a password that is wrong, without telling it', { timeout: 60_000 }, async () => {
    const { message, retryable } = await refusal({ credentials: { username: 'cassandra', password: 'hunter-two' } });
    expect(message).toMatch(/refused the credentials/);
    expect(message).not.toContain('hunter-two');
    expect(retryable).toBe(false);
  });

  it('names credentials that are missing', { timeout: 60_000 }, async () => {
    expect(await refusal({}, ['credentials'])).toMatchObject({ message: /credentials/, retryable: false });
  });

  it('names an authority that did not sign the node’s certificate', { timeout: 60_000 }, async () => {
    expect(await refusal({ tls: {} })).toMatchObject({ message: /certificate/, retryable: false });
  });

  it('names a certificate that is another machine’s', { timeout: 60_000 }, async () => {
    const tls = { ...settings.tls, servername: 'cassandra.example' };
    expect(await refusal({ tls })).toMatchObject({ message: /certificate.*cassandra\.example/s, retryable: false });
  });

  it('says that TLS may be missing where the node closes the connection', { timeout: 60_000 }, async () => {
    expect((await refusal({}, ['tls'])).message).toMatch(/TLS/);
  });

  it('names a permission that the role lacks', { timeout: 120_000 }, async () => {
    const credentials = { username: 'limited', password: 'limited' };
    await executeCql(settings, "CREATE ROLE IF NOT EXISTS limited WITH PASSWORD = 'limited' AND LOGIN = true");
    expect(await refusal({ credentials, keyspace: `${keyspace}_other` })).toMatchObject({
      message: /permission/,
      retryable: false,
    });
  });
});
