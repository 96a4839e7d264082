import { AnswerWatch, checkAnswers, OffsetWatch, ServerProject, SteadySender, sleep } from '@twofold/e2e';
import { readWholeLog } from '@twofold/cli';
import { expect, test } from 'vitest';
import { expectEqual, overServers, rowsOf } from './over-servers.ts';

const RATE = 1_000;
/** The group gives a member's partitions away after six seconds. */
const STOPPED_MS = 10_000;

overServers('one of two speed layers, stopped beyond its session and resumed', (servers) => {
  test('E5: never lowers an applied offset; every answer meanwhile is exact', { timeout: 300_000 }, async () => {
    const plant = await ServerProject.make(servers);
    try {
      const services = await Promise.all(
        (['speed', 'speed', 'batch', 'serve'] as const).map((each) => plant.start(each)),
      );
      await Promise.all(services.map((each) => each.ready()));
      for (const each of services) each.keep();
      const [platform, looking] = [await plant.openToWrite(), await plant.follow()];
      const sender = new SteadySender(platform, plant.topic('sensor-readings'), { seed: 3, ratePerSecond: RATE });
      const offsets = new OffsetWatch(plant.project, looking, 100);
      const answers = new AnswerWatch(services[3]?.url ?? '');
      const freshMs: number[] = [];
      for (const worker of services.slice(0, 2)) {
        await sleep(3_000);
        worker.signal('SIGSTOP');
        await sleep(STOPPED_MS);
        // The other one has them all by now.
        freshMs.push(await plant.fresh(platform));
        worker.signal('SIGCONT');
      }
      await sleep(3_000);
      await sender.stop();
      await plant.fresh(platform);
      await Promise.all([offsets.stop(), answers.stop()]);
      const proof = await plant.compare(platform, 'sensor-readings');
      expect(proof.applied).toBe(sender.acknowledged);
      expectEqual(proof);
      expect(offsets.difference).toBe(null);
      expect(offsets.looks).toBeGreaterThan(0);
      const topic = platform.topics.find(({ stream }) => stream.name === 'sensor-readings');
      const log = topic === undefined ? [] : await readWholeLog(topic, platform.log);
      const verdict = checkAnswers(answers.answers, plant.project.views, log);
      expect(verdict.difference).toBe(null);
      expect(verdict.inFull).toBeGreaterThan(0);
      await Promise.all([platform.close(), looking.close()]);
      console.log(
        `${sender.acknowledged} events, ${offsets.looks} looks at rows and lanes, ${verdict.answers} answers; fresh while ` +
          `one was stopped after ${freshMs.map(Math.round).join(', ')} ms; ${rowsOf(proof)}`,
      );
    } finally {
      for (const each of plant.processes) each.signal('SIGCONT');
      await plant.remove();
    }
  });
});
