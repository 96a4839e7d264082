import type { Platform } from '@twofold/cli';
import { OTHER_STREAM, replaceTopic, ServerProject, until } from '@twofold/e2e';
import { SensorEvents } from '@twofold/event-generator';
import { entryOf, liveRelease } from '@twofold/releases';
import { expect, test } from 'vitest';
import { expectEqual, overServers } from './over-servers.ts';

const STREAM = 'sensor-readings';
const EVENTS = 6_000;

overServers('a topic that is deleted and made again', (servers) => {
  test(
    'E7: is named by every layer, also after a restart, and nothing of it gets into an answer; another stream goes on',
    { timeout: 600_000 },
    async () => {
      const plant = await ServerProject.make(servers);
      try {
        const [speed, batch, serve] = await Promise.all([
          plant.start('speed'),
          plant.start('batch', ['--schedule', '* * * * *']),
          plant.start('serve'),
        ]);
        await Promise.all([speed, batch, serve].map((each) => each.ready()));
        const platform = await plant.openToWrite();
        const events = new SensorEvents({ seed: 21, sensors: 50, ratePerSecond: 200, malformed: 0, duplicate: 0 });
        await platform.events.append(plant.topic(STREAM), events.take(EVENTS));
        await plant.fresh(platform);
        expectEqual(await plant.compare(platform, STREAM));
        const ground = { plant, platform, speeds: [speed], batches: [batch], serve };
        const { violations, answers } = await replaceTopic(ground, servers.kafka);
        expect(violations).toEqual([]);
        expect(answers).toBeGreaterThan(0);
        expect(await speed.status('/ready')).toBe(503);
        const before = await cuts(platform);
        batch.restart();
        const moved = async (): Promise<boolean> => (await cuts(platform)).rigMinute > before.rigMinute;
        await until(`${OTHER_STREAM} is recomputed`, moved, { patienceMs: 200_000, state: () => plant.tails() });
        expect((await cuts(platform)).sensorMinute).toBe(before.sensorMinute);
        expect(await batch.status('/ready')).toBe(503);
        expect(await batch.reasons()).toMatch(/the archive of sensor-readings does not follow its log: LOG_REPLACED/);
        expectEqual(await plant.compare(platform, OTHER_STREAM), ['MERGED', 'BATCH']);
        await platform.close();
        console.log(`${answers} answers meanwhile, all over the old log`);
      } finally {
        await plant.remove();
      }
    },
  );
});

/** How many positions of each view the live release takes from the archive. */
async function cuts({ store }: Pick<Platform, 'store'>): Promise<{ rigMinute: number; sensorMinute: number }> {
  const row = await store.control.read();
  const of = (view: string): number => {
    const cut = row === null ? [] : (entryOf(row, liveRelease(row), view)?.cut ?? []);
    return cut.reduce((sum, position) => sum + position, 0);
  };
  return { rigMinute: of('rigMinute'), sensorMinute: of('sensorMinute') };
}
