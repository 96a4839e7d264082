import { Prng } from '@twofold/event-generator';
import { ServerProject, SteadySender, sleep } from '@twofold/e2e';
import { expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

const KILLS = Number(process.env['TWOFOLD_E2E_KILLS'] ?? 10);
const SEED = Number(process.env['TWOFOLD_E2E_SEED'] ?? 42);
/** The oracle holds every window of every event against the answers: what a slow machine piles up has to stay within its time. */
const RATE = Number(process.env['TWOFOLD_E2E_RATE'] ?? 500);
/** Kills between which two speed layers and two batch layers work at once. */
const TWO_FROM = 0.3;
const TWO_TO = 0.7;

overServers(`services killed -9 ${KILLS} times under ${RATE} events a second (seed ${SEED})`, (servers) => {
  test(
    'lose nothing, count nothing twice, answer as the oracle does',
    { timeout: 240_000 + 60_000 * KILLS },
    async () => {
      const random = new Prng(SEED);
      const plant = await ServerProject.make(servers);
      try {
        const kept = await Promise.all((['speed', 'batch', 'serve'] as const).map((command) => plant.start(command)));
        await Promise.all(kept.map((each) => each.ready()));
        for (const each of kept) each.keep();
        const platform = await plant.openToWrite();
        const sender = new SteadySender(platform, plant.topic('sensor-readings'), { seed: SEED, ratePerSecond: RATE });
        const seconds: Awaited<ReturnType<ServerProject['start']>>[] = [];
        const [readyMs, freshMs]: [number[], number[]] = [[], []];
        for (let kill = 0; kill < KILLS; kill++) {
          if (kill === Math.floor(TWO_FROM * KILLS))
            seconds.push(await plant.start('speed'), await plant.start('batch'));
          if (kill === Math.floor(TWO_TO * KILLS))
            for (const second of seconds) expect((await second.kill('SIGTERM')).code).toBe(0);
          await sleep(500 + 2_500 * random.next());
          // Each of them in turn, then by chance.
          const victim = kept[kill < kept.length ? kill : Math.floor(kept.length * random.next())];
          if (victim === undefined) continue;
          await victim.kill('SIGKILL');
          victim.restart();
          victim.keep();
          const took = await victim.ready();
          readyMs.push(took);
          const fresh = victim.command === 'speed' ? took + (await plant.fresh(platform)) : null;
          if (fresh !== null) freshMs.push(fresh);
          // Told as it goes: on a busy machine a long series may not reach its end in its time.
          console.log(
            `kill ${kill + 1}: ${victim.command} ready after ${took.toFixed(0)} ms` +
              `${fresh === null ? '' : `, fresh after ${fresh.toFixed(0)} ms`}; ${sender.acknowledged} acknowledged`,
          );
        }
        const rate = await sender.stop();
        await plant.fresh(platform);
        const proof = await plant.compare(platform, 'sensor-readings');
        expect(proof.applied).toBe(sender.acknowledged);
        expectEqual(proof);
        expect(kept.map(({ unasked }) => unasked)).toEqual([0, 0, 0]);
        await platform.close();
        console.log(
          `kill -9 × ${KILLS}: ${sender.acknowledged} events at ${rate.toFixed(0)}/s, each counted once; ready again ` +
            `after ${span(readyMs)} ms, the speed layer's answers fresh after ${span(freshMs)} ms; ${rowsOf(proof)}`,
        );
      } finally {
        await plant.remove();
      }
    },
  );
});

function span(ms: readonly number[]): string {
  return ms.length === 0 ? 'no' : `${Math.min(...ms).toFixed(0)} to ${Math.max(...ms).toFixed(0)}`;
}
