import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAll, record } from '@twofold/event-log/testing';
import { type KafkaConnection, type KafkaSasl, KafkaLog } from '@twofold/event-log-kafka';
import { systemClock } from '@twofold/service';
import { freePort } from '@twofold/service/testing';
import { servicesBeside } from './kafka-service.ts';

/** How soon what is wrong has to be named, on a busy machine. */
const secondsMs = 20_000;
const wanted = process.env['TWOFOLD_TEST_SERVICES'] === '1';
if (!wanted) console.log('SKIPPED: the log on a broker with TLS and passwords; TWOFOLD_TEST_SERVICES=1 runs it');

interface Found {
  readonly address: string;
  readonly access: string;
}
interface Access {
  readonly username: string;
  readonly password: string;
  readonly authority: string;
}

describe.skipIf(!wanted)('the log on a broker with TLS and passwords', () => {
  let folder = '';
  let address = '';
  let user = { username: '', password: '' };
  let tls = { ca: '' };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kafka-secured-'));
    const port = String(await freePort());
    const heap = ['--kafka-heap', '256'];
    const who = ['--for', String(process.pid)];
    const up = await servicesBeside(
      'up',
      'kafka',
      '--data',
      folder,
      '--secured',
      '--kafka-port',
      port,
      ...heap,
      ...who,
      '--json',
    );
    if (up.code !== 0) throw new TypeError(up.said);
    const [found] = JSON.parse(up.printed) as [Found];
    const { username, password, authority } = JSON.parse(readFileSync(found.access, 'utf8')) as Access;
    address = found.address;
    user = { username, password };
    tls = { ca: readFileSync(authority, 'utf8') };
  }, 300_000);
  afterAll(async () => {
    await servicesBeside('down', 'kafka', '--data', folder, '--wipe');
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const openLog = (connection: Omit<KafkaConnection, 'brokers'>, reader: 'fast' | 'plain' = 'fast'): KafkaLog =>
    new KafkaLog({ brokers: [address], clock: systemClock(), reader, patienceMs: 3_000, ...connection });

  /** An unsigned token, as the broker of these tests believes it. */
  const token = async (): Promise<string> => {
    const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
    const seconds = Math.floor(systemClock().now() / 1_000);
    return `${part({ alg: 'none' })}.${part({ sub: 'twofold', iat: seconds, exp: seconds + 600 })}.`;
  };

  it.each(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const)(
    'is written and read by both readers with %s',
    { timeout: 60_000 },
    async (mechanism) => {
      const sasl: KafkaSasl = mechanism === 'oauthbearer' ? { mechanism, token } : { mechanism, ...user };
      const values = Array.from({ length: 300 }, (_, index) => `${mechanism} ${index}`);
      const log = openLog({ tls, sasl });
      const plain = openLog({ tls, sasl }, 'plain');
      await log.ensureTopic(mechanism, { partitions: 1 });
      await log.append(
        mechanism,
        values.map((value) => record('k', value)),
      );
      for (const each of [log, plain])
        expect((await readAll(each, mechanism, 0, 0)).map(({ value }) => value)).toEqual(values);
      await Promise.all([log.close(), plain.close()]);
    },
  );

  /** What the log says when it can not be spoken to, and whether it may be tried again. */
  const refusal = async (connection: Omit<KafkaConnection, 'brokers'>) => {
    const log = openLog(connection);
    try {
      const error = await Promise.race([
        log.partitions('any').then(
          () => null,
          (thrown: unknown) => thrown,
        ),
        systemClock().sleep(secondsMs),
      ]);
      expect(error).toMatchObject({ code: 'LOG_IO' });
      return error as { readonly message: string; readonly retryable: boolean };
    } finally {
      await log.close();
    }
  };

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'names a password that is wrong with %s, without telling it',
    { timeout: 60_000 },
    async (mechanism) => {
      const { message, retryable } = await refusal({ tls, sasl: { mechanism, ...user, password: 'hunter-two' } });
      expect(message).toMatch(/credentials/);
      expect(message).not.toContain('hunter-two');
      expect(retryable).toBe(false);
    },
  );

  it('names a user who is not known', { timeout: 60_000 }, async () => {
    const sasl = { mechanism: 'scram-sha-512', username: 'nobody', password: 'x' } as const;
    expect(await refusal({ tls, sasl })).toMatchObject({ retryable: false, message: /credentials/ });
  });

  it('names an authority that did not sign the broker’s certificate', { timeout: 60_000 }, async () => {
    const { message, retryable } = await refusal({ tls: true, sasl: { mechanism: 'plain', ...user } });
    expect(message).toMatch(/certificate/);
    expect(retryable).toBe(false);
  });

  it(
    'says that TLS or credentials may be missing where the broker closes the connection',
    { timeout: 60_000 },
    async () => {
      for (const connection of [{}, { tls }, { sasl: { mechanism: 'plain', ...user } as const }])
        expect((await refusal(connection)).message).toMatch(/TLS/);
    },
  );
});
