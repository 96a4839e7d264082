import { OffsetWatch, ServerProject, SteadySender, sleep, startOwnServers, until, type OwnServers } from '@twofold/e2e';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

const RATE = 1_000;
const AWAY_MS = 3_000;

overServers('servers that start last and are killed', () => {
  let servers: OwnServers;
  let plant: ServerProject;

  beforeAll(async () => {
    servers = await startOwnServers((name, tookMs) => console.log(`${name} healthy after ${tookMs.toFixed(0)} ms`));
    plant = await ServerProject.make(servers.behindWires, servers.direct);
  }, 400_000);
  afterAll(async () => {
    await Promise.all(plant.processes.map((each) => each.kill('SIGKILL')));
    plant.removeFolder();
    await servers.remove();
  });

  test('X6: are waited for by services that started before them, which say so', { timeout: 400_000 }, async () => {
    const wires = [servers.kafkaWire, servers.cassandraWire];
    for (const wire of wires) wire.set('REFUSED');
    const services = await Promise.all([plant.start('serve'), plant.start('speed'), plant.start('batch')]);
    for (const each of services)
      await until(
        `${each.command} says what it waits for`,
        async () => (await each.reasons()).includes('not there yet'),
        {
          state: () => each.tail(),
        },
      );
    for (const wire of wires) {
      for (const each of services)
        expect([each.command, each.isGone, await each.status('/health'), await each.status('/ready')]).toEqual([
          each.command,
          false,
          200,
          503,
        ]);
      wire.set('OPEN');
      await sleep(1_000);
    }
    const readyMs = await Promise.all(services.map((each) => each.ready(60_000)));
    for (const each of services) each.keep();
    console.log(`serving, speed and batch layer ready ${readyMs.map(Math.round).join(', ')} ms after the servers`);
  });

  test('X1: killed -9 and started again, they lose nothing that was acknowledged', { timeout: 900_000 }, async () => {
    const platform = await plant.openToWrite();
    const looking = await plant.follow();
    const offsets = new OffsetWatch(plant.project, looking);
    const sender = new SteadySender(platform, plant.topic('sensor-readings'), { seed: 5, ratePerSecond: RATE });
    for (const server of [servers.kafka, servers.cassandra]) {
      await sleep(4_000);
      await server.killNine();
      await sleep(AWAY_MS);
      const upMs = await server.up();
      const freshMs = await plant.fresh(platform);
      console.log(
        `${server.service} killed -9, up in ${upMs.toFixed(0)} ms, fresh after another ${freshMs.toFixed(0)} ms`,
      );
    }
    const rate = await sender.stop();
    await plant.fresh(platform);
    await offsets.stop();
    const proof = await plant.compare(platform, 'sensor-readings');
    expect(proof.applied).toBe(sender.acknowledged);
    expectEqual(proof);
    expect(offsets.difference).toBe(null);
    await Promise.all([platform.close(), looking.close()]);
    console.log(
      `${sender.acknowledged} events at ${rate.toFixed(0)}/s, ${sender.repeated} sends repeated, each counted once; ` +
        `ended unasked: ${plant.processes.map(({ command, unasked }) => `${command} ${unasked}`).join(', ')}; ${rowsOf(proof)}`,
    );
  });
});
