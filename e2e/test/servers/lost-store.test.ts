import { ServerProject, SteadySender, sleep, until } from '@twofold/e2e';
import { expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

overServers('a store whose keyspace was dropped', (servers) => {
  test('is noticed by every service, and made again from archive and log', { timeout: 400_000 }, async () => {
    const plant = await ServerProject.make(servers);
    try {
      const running = await Promise.all((['speed', 'batch', 'serve'] as const).map((command) => plant.start(command)));
      await Promise.all(running.map((each) => each.ready()));
      const platform = await plant.openToWrite();
      const sender = new SteadySender(platform, plant.topic('sensor-readings'), { seed: 13, ratePerSecond: 1_000 });
      await sleep(8_000);
      await plant.fresh(platform);
      await plant.dropKeyspace();
      const noticed: string[] = [];
      const begun = performance.now();
      await Promise.all(
        running.map(async (each) => {
          const ended = each.ended.then(({ code }) => `ended with ${code}`);
          const said = until(`${each.command} noticed`, async () => (await each.status('/ready')) !== 200, {
            state: () => each.tail(),
          }).then(() => 'said that it is not ready');
          const how = await Promise.race([ended, said]);
          noticed.push(`${each.command} ${how} after ${(performance.now() - begun).toFixed(0)} ms`);
        }),
      );
      const codes = await Promise.all(running.map(async (each) => (await each.kill('SIGKILL')).code));
      for (const each of running) each.restart();
      const readyMs = await Promise.all(running.map((each) => each.ready()));
      await sender.stop();
      // What compared before looked into the store that is gone.
      const anew = await plant.follow();
      const freshMs = await plant.fresh(anew);
      const proof = await plant.compare(anew, 'sensor-readings');
      expect(proof.applied).toBe(sender.acknowledged);
      expectEqual(proof);
      await Promise.all([platform.close(), anew.close()]);
      console.log(`${noticed.join(', ')} (exit codes ${codes.join(', ')})`);
      console.log(
        `ready again after ${readyMs.map(Math.round).join(', ')} ms, fresh after ${freshMs.toFixed(0)} ms; ` +
          `${sender.acknowledged} events, each counted once; ${rowsOf(proof)}`,
      );
    } finally {
      await plant.remove();
    }
  });
});
