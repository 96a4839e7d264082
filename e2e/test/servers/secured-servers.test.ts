import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OwnServer, ServerProject, SteadySender, sleep, type ServiceCommand, type Servers } from '@twofold/e2e';
import { freePort } from '@twofold/service/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

const RATE = 500;
/** How soon a process has to end that retrying can not help; on a busy machine. */
const SECONDS = 30;

interface Access {
  readonly username: string;
  readonly password: string;
  readonly authority: string;
}

overServers('servers with TLS and passwords', () => {
  let folder = '';
  const own: OwnServer[] = [];
  let servers: Servers;
  let plant: ServerProject;
  let kafkaAuthority = '';

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'twofold-secured-'));
    own.push(new OwnServer('kafka', await freePort(), ['--secured', '--kafka-heap', '256']));
    own.push(new OwnServer('cassandra', await freePort(), ['--secured', '--cassandra-heap', '640']));
    for (const server of own) console.log(`${server.service} healthy after ${(await server.up()).toFixed(0)} ms`);
    const [kafka, cassandra] = own.map(({ access }) => JSON.parse(readFileSync(access ?? '', 'utf8')) as Access);
    if (kafka === undefined || cassandra === undefined) throw new RangeError('two servers were started');
    kafkaAuthority = kafka.authority;
    const authorities = path.join(folder, 'authorities.pem');
    writeFileSync(authorities, [kafka, cassandra].map(({ authority }) => readFileSync(authority, 'utf8')).join('\n'));
    servers = {
      kafka: own[0]?.address ?? '',
      cassandra: own[1]?.address ?? '',
      environment: {
        TWOFOLD_TLS_AUTHORITY: authorities,
        TWOFOLD_KAFKA_TLS: 'true',
        TWOFOLD_KAFKA_USERNAME: kafka.username,
        TWOFOLD_KAFKA_PASSWORD: kafka.password,
        TWOFOLD_CASSANDRA_TLS: 'true',
        TWOFOLD_CASSANDRA_USERNAME: cassandra.username,
        TWOFOLD_CASSANDRA_PASSWORD: cassandra.password,
      },
    };
    plant = await ServerProject.make(servers);
  }, 400_000);
  afterAll(async () => {
    await Promise.all(plant.processes.map((each) => each.kill('SIGKILL')));
    plant.removeFolder();
    for (const server of own) await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  test('serve three processes that answer as the oracle does', { timeout: 300_000 }, async () => {
    const services = await Promise.all([plant.start('serve'), plant.start('speed'), plant.start('batch')]);
    await Promise.all(services.map((each) => each.ready()));
    const platform = await plant.openToWrite();
    const sender = new SteadySender(platform, plant.topic('sensor-readings'), { seed: 9, ratePerSecond: RATE });
    await sleep(5_000);
    await sender.stop();
    await plant.fresh(platform);
    const proof = await plant.compare(platform, 'sensor-readings');
    expect(proof.applied).toBe(sender.acknowledged);
    expectEqual(proof);
    await platform.close();
    for (const each of services) expect((await each.kill('SIGTERM')).code).toBe(0);
    const said = services.map(({ stderr }) => stderr).join('');
    for (const secret of ['TWOFOLD_KAFKA_PASSWORD', 'TWOFOLD_CASSANDRA_PASSWORD'])
      expect(said.includes(`"${servers.environment?.[secret] ?? ''}"`)).toBe(false);
    console.log(`${sender.acknowledged} events over TLS; ${rowsOf(proof)}`);
  });

  /** Each ends by itself with 1, says why, and tells no secret. */
  const expectEnd = async (
    environment: Record<string, string>,
    commands: readonly ServiceCommand[],
    named: RegExp,
  ): Promise<void> => {
    for (const command of commands) {
      const service = await plant.start(command, [], environment);
      const late = new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(new Error(`it did not end: ${service.tail()}`)), SECONDS * 1_000).unref();
      });
      const { code, stderr } = await Promise.race([service.ended, late]);
      expect([command, code]).toEqual([command, 1]);
      expect(stderr).toMatch(named);
      expect(stderr).not.toContain('hunter-two');
    }
  };

  test('end with 1 for a wrong password of Kafka, and name it', { timeout: 120_000 }, () =>
    expectEnd({ TWOFOLD_KAFKA_PASSWORD: 'hunter-two' }, ['speed', 'batch'], /credentials/),
  );

  test('end with 1 for a wrong password of Cassandra, and name it', { timeout: 120_000 }, () =>
    expectEnd({ TWOFOLD_CASSANDRA_PASSWORD: 'hunter-two' }, ['serve'], /credentials/),
  );

  test('end with 1 for an authority that did not sign, and name it', { timeout: 120_000 }, () =>
    expectEnd({ TWOFOLD_TLS_AUTHORITY: kafkaAuthority }, ['speed', 'serve'], /certificate/),
  );
});
