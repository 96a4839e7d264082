import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { alarmStream, alarmTopic, appendThroughSocket, loadProject, readWholeLog } from '@twofold/cli';
import { followData, PLANT, TwofoldProcess, WebhookReceiver } from '@twofold/e2e';
import { afterAll, describe, expect, test } from 'vitest';

const dataFolder = mkdtempSync(path.join(tmpdir(), 'twofold-alarms-'));
const receiver = new WebhookReceiver();
afterAll(() => {
  receiver.close();
  rmSync(dataFolder, { recursive: true, force: true });
});
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something holds; the test's own limit ends it when it never does. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 20) {
    if (waited > 30_000) throw new Error(`waited too long until ${what}`);
    await sleep(20);
  }
}

let sent = 0;
/** Readings of which every fifth vibrates with more than the alarm allows, one is sent twice, one is no event. */
async function send(count: number): Promise<void> {
  const records = Array.from({ length: count }, () => {
    const at = new Date(Date.UTC(2026, 0, 1) + 1_000 * sent).toISOString();
    const vibration = sent % 5 === 0 ? 3.5 : 1;
    const sensor = `s-${sent++ % 7}`;
    const value = `{"sensor_id":"${sensor}","timestamp":"${at}","temperature":20.5,"vibration":${vibration}}`;
    return { key: Buffer.from(sensor), value: Buffer.from(value) };
  });
  const [first = { key: null, value: Buffer.alloc(0) }] = records;
  const bad = { key: null, value: Buffer.from('{"vibration":99}') };
  expect(await appendThroughSocket(dataFolder, 'sensor-readings', [...records, first, bad])).toBe(count + 2);
}

async function start(webhookUrl: string): Promise<TwofoldProcess> {
  const where = ['--project', PLANT, '--data-folder', dataFolder, '--webhook-url', webhookUrl];
  const running = new TwofoldProcess(['dev', ...where, '--port', '0']);
  await running.ready();
  return running;
}

describe('E9: an alarm from the event to the webhook, over real processes', () => {
  test(
    'counts once in the log and has one key at the receiver, killed -9 between raising, telling and recording',
    { timeout: 120_000 },
    async () => {
      const url = await receiver.listen();
      let running = await start(url);
      const { project } = await loadProject(PLANT);
      const platform = await followData(project, dataFolder);
      const alarms = { stream: alarmStream, topic: alarmTopic(project) };
      const raised = async () => (await readWholeLog(alarms, platform.log)).filter((r) => r.class === 'applied');

      // Killed at once after the events are acknowledged: before anything is known to be folded.
      await send(50);
      await running.kill('SIGKILL');
      // Killed between raising and telling: the receiver is down until the alarms are in the log.
      receiver.down = true;
      running = await start(url);
      await send(50);
      await until('alarms are raised', async () => (await raised()).length === 20);
      await until('they were tried to be told', () => receiver.refused > 0);
      await running.kill('SIGKILL');
      expect(receiver.accepted).toEqual([]);
      // Killed between telling and recording: at the first acceptance.
      receiver.down = false;
      const dying = await start(url);
      receiver.onAccepted = () => dying.child.kill('SIGKILL');
      await dying.ended;
      receiver.onAccepted = () => undefined;
      expect(receiver.accepted.length).toBeGreaterThan(0);
      running = await start(url);
      await send(50);
      await until('all is told', () => new Set(receiver.accepted.map(({ key }) => key)).size >= 30);
      // What would be told once too often has time to come.
      await sleep(1_000);
      expect((await running.kill('SIGTERM')).code).toBe(0);

      const topic = platform.topics.find(({ stream }) => stream.name === 'sensor-readings');
      if (topic === undefined) throw new Error('the plant has sensors');
      // Vibration is in quanta of 2^-20 mm/s.
      const shaken = (await readWholeLog(topic, platform.log)).filter(
        (record) => record.class === 'applied' && record.event.values.get('vibration') === BigInt(3.5 * 2 ** 20),
      );
      expect(shaken.length).toBe(30);
      const identity = await platform.log.identity(alarms.topic);
      const expected = shaken.map(
        ({ partition, offset }) => `plant/${identity}/highVibration/sensor-readings/${partition}:${offset}`,
      );
      // In the log each counts once, however often it stands there.
      expect((await raised()).length).toBe(30);
      // At the receiver each has come, at least once, under its own key and no other; a repetition says the same.
      const byKey = new Map<string, Set<string>>();
      for (const { key, body } of receiver.accepted) byKey.set(key, (byKey.get(key) ?? new Set()).add(body));
      expect([...byKey.keys()].sort()).toEqual(expected.sort());
      expect([...byKey.values()].every((bodies) => bodies.size === 1)).toBe(true);
      console.log(`alarms: ${expected.length} raised, ${receiver.accepted.length} deliveries, ${byKey.size} keys`);
      await platform.close();
    },
  );
});
