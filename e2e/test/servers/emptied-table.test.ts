import { emptyTable, ServerProject, SteadySender, sleep } from '@twofold/e2e';
import { expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

const STREAM = 'sensor-readings';
const RATE = 100;
/** One of rows, and the one row that says what there is; the store's own tests empty each. */
const TABLES = ['speed_rows', 'control'] as const;

overServers('a table of the store that somebody empties', (servers) => {
  test(
    'E5: is named, a new store is made from archive and log, and no answer has a hole meanwhile',
    { timeout: 400_000 },
    async () => {
      const plant = await ServerProject.make(servers);
      try {
        const start = (command: 'speed' | 'batch' | 'serve') => plant.start(command);
        const [speed, batch, serve] = await Promise.all([start('speed'), start('batch'), start('serve')]);
        await Promise.all([speed, batch, serve].map((each) => each.ready()));
        for (const each of [speed, batch, serve]) each.keep();
        const writing = await plant.openToWrite();
        const sender = new SteadySender(writing, plant.topic(STREAM), { seed: 23, ratePerSecond: RATE });
        const told: string[] = [];
        for (const table of TABLES) {
          await sleep(2_000);
          // Opened anew each time: a handle of a store that is gone is of no more use.
          const platform = await plant.follow();
          await plant.fresh(platform);
          const ground = { plant, platform, sender, speeds: [speed], batches: [batch], serve };
          const { violations, answers, ...result } = await emptyTable(ground, table);
          expect([table, violations]).toEqual([table, []]);
          told.push(`${result.told}, ${answers} answers`);
          await platform.close();
        }
        await sender.stop();
        const anew = await plant.follow();
        await plant.fresh(anew);
        const proof = await plant.compare(anew, STREAM);
        expect(proof.applied).toBe(sender.acknowledged);
        expectEqual(proof);
        await Promise.all([anew.close(), writing.close()]);
        console.log(`${told.join('; ')}; ${sender.acknowledged} events, each counted once; ${rowsOf(proof)}`);
      } finally {
        await plant.remove();
      }
    },
  );
});
