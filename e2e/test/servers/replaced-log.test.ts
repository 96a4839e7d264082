import { replaceTopic, ServerProject } from '@twofold/e2e';
import { SensorEvents } from '@twofold/event-generator';
import { expect, test } from 'vitest';
import { expectEqual, overServers } from './over-servers.ts';

const STREAM = 'sensor-readings';
const EVENTS = 6_000;

overServers('a topic that is deleted and made again', (servers) => {
  test(
    'E7: is named by every layer, also after a restart, and nothing of it gets into an answer',
    { timeout: 300_000 },
    async () => {
      const plant = await ServerProject.make(servers);
      try {
        const start = (command: 'speed' | 'batch' | 'serve') => plant.start(command);
        const [speed, batch, serve] = await Promise.all([start('speed'), start('batch'), start('serve')]);
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
        await platform.close();
        console.log(`${answers} answers meanwhile, all over the old log`);
      } finally {
        await plant.remove();
      }
    },
  );
});
