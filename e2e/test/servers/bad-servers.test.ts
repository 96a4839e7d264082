import { OtherProducer } from '@twofold/event-log-kafka/testing';
import { ServerProject, type ServiceCommand, until } from '@twofold/e2e';
import { freePort } from '@twofold/service/testing';
import { executeCql } from '@twofold/view-store-cassandra/testing';
import { expect, test } from 'vitest';
import { overServers } from './over-servers.ts';

/** How soon what is wrong has to be named, and a process that retrying can not help has to end; on a busy machine. */
const SECONDS = 30;
const COMMANDS: readonly ServiceCommand[] = ['speed', 'batch', 'serve'];

overServers('services whose servers are not as they should be', (servers) => {
  const withPlant = async (use: (plant: ServerProject) => Promise<void>): Promise<void> => {
    const plant = await ServerProject.make(servers);
    try {
      await use(plant);
    } finally {
      await plant.remove();
    }
  };
  /** What a service that ends by itself says, and its exit code. */
  const ends = async (
    plant: ServerProject,
    command: ServiceCommand,
    environment: Record<string, string>,
  ): Promise<string> => {
    const service = await plant.start(command, [], environment);
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`it did not end: ${service.tail()}`)), SECONDS * 1_000).unref();
    });
    const { code, stderr } = await Promise.race([service.ended, late]);
    return `${code} ${stderr}`;
  };

  test('wait where nobody answers, say so, and end when they are asked to', { timeout: 120_000 }, () =>
    withPlant(async (plant) => {
      const nobody = `127.0.0.1:${await freePort()}`;
      for (const command of COMMANDS) {
        const nowhere = { TWOFOLD_KAFKA_BROKERS: nobody, TWOFOLD_CASSANDRA_CONTACT_POINTS: nobody };
        const service = await plant.start(command, [], nowhere);
        await until(`${command} names it`, async () => /LOG_IO|STORE_UNAVAILABLE/.test(await service.reasons()), {
          patienceMs: SECONDS * 1_000,
          state: () => service.tail(),
        });
        expect(await service.status('/health')).toBe(200);
        expect((await service.kill('SIGTERM')).code).toBe(0);
      }
    }),
  );

  test.each([
    ['a keyspace that can not be', { TWOFOLD_CASSANDRA_KEYSPACE: 'Not-A-Keyspace' }, /STORE_UNAVAILABLE.*keyspace/s],
    ['a data centre that is not there', { TWOFOLD_CASSANDRA_DATA_CENTER: 'elsewhere' }, /elsewhere/],
  ])('end with 1 for %s, and name it', { timeout: 120_000 }, (_, environment, named) =>
    withPlant(async (plant) => {
      for (const command of COMMANDS) {
        const said = await ends(plant, command, environment);
        expect(said).toMatch(/^1 /);
        expect(said).toMatch(named);
      }
    }),
  );

  test('end with 1 for credentials that the broker does not take, and never tell them', { timeout: 120_000 }, () =>
    withPlant(async (plant) => {
      const credentials = { TWOFOLD_KAFKA_USERNAME: 'nobody', TWOFOLD_KAFKA_PASSWORD: 'hunter-two' };
      for (const command of ['speed', 'batch'] as const) {
        const said = await ends(plant, command, credentials);
        expect(said).toMatch(/^1 .*credentials/s);
        expect(said).not.toContain('hunter-two');
      }
    }),
  );

  test('end with 1 for a keyspace of a newer program, and change nothing', { timeout: 120_000 }, () =>
    withPlant(async (plant) => {
      const serve = await plant.start('serve');
      await until(
        'the keyspace is made',
        async () => (await serve.status('/health')) === 200 && serve.stderr.includes('"ready"'),
        {
          state: () => serve.tail(),
        },
      );
      await serve.kill('SIGTERM');
      await executeCql(
        plant.cassandra,
        `INSERT INTO ${plant.keyspace}.migrations (number, name, applied_at) VALUES (99, 'future', 1)`,
      );
      for (const command of COMMANDS) expect(await ends(plant, command, {})).toMatch(/^1 .*STORE_FORMAT_UNKNOWN/s);
    }),
  );

  test('end with 1 for a compacted topic, and name the setting', { timeout: 120_000 }, () =>
    withPlant(async (plant) => {
      const other = new OtherProducer({ brokers: [servers.kafka] });
      await other.makeTopic(plant.topic('sensor-readings'), { 'cleanup.policy': 'compact' });
      for (const command of ['speed', 'batch'] as const)
        expect(await ends(plant, command, {})).toMatch(/^1 .*TOPIC_SETTINGS_DIFFER/s);
    }),
  );
});
