import { ServerProject, SteadySender, sleep } from '@twofold/e2e';
import { expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

/** The oracle holds every window of every event against the answers: what a slow machine piles up has to stay within its time. */
const RATE = 500;
/** As long as a service gives itself. */
const DRAIN_MS = 10_000;

overServers('services asked to end by SIGTERM under load', (servers) => {
  test('drain in time, end with 0, and lose nothing', { timeout: 300_000 }, async () => {
    const plant = await ServerProject.make(servers);
    try {
      const running = await Promise.all((['speed', 'batch', 'serve'] as const).map((command) => plant.start(command)));
      await Promise.all(running.map((each) => each.ready()));
      const platform = await plant.openToWrite();
      const sender = new SteadySender(platform, plant.topic('sensor-readings'), { seed: 11, ratePerSecond: RATE });
      const drains: string[] = [];
      for (let round = 0; round < 2; round++) {
        await sleep(3_000);
        await Promise.all(
          running.map(async (each) => {
            const begun = performance.now();
            const { code, stderr } = await each.kill('SIGTERM');
            const tookMs = performance.now() - begun;
            expect([each.command, code]).toEqual([each.command, 0]);
            expect(stderr).toContain('drained');
            expect(tookMs).toBeLessThan(DRAIN_MS);
            drains.push(`${each.command} ${tookMs.toFixed(0)} ms`);
          }),
        );
        for (const each of running) each.restart();
        await Promise.all(running.map((each) => each.ready()));
      }
      await sender.stop();
      await plant.fresh(platform);
      const proof = await plant.compare(platform, 'sensor-readings');
      expect(proof.applied).toBe(sender.acknowledged);
      expectEqual(proof);
      await platform.close();
      console.log(`drained: ${drains.join(', ')}; ${sender.acknowledged} events, each counted once; ${rowsOf(proof)}`);
    } finally {
      await plant.remove();
    }
  });
});
