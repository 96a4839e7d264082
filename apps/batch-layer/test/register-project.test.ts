import { expect, test } from 'vitest';
import { LogArchiver } from '../src/archive-log.ts';
import { ensureRegistered } from '../src/register-project.ts';
import { control, events, never, project, readings, sensorView, surroundings, TOPIC, type World } from './sample.ts';

async function world(partitions = 2): Promise<World> {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions });
  return around;
}

test('E0: concurrent starts register the project once: release 0, empty builds, cuts at the origins', async () => {
  const around = await world(1);
  await around.log.append(TOPIC, events(50, 1));
  await around.log.trim(TOPIC, 0, 21);
  const rows = await Promise.all([1, 2, 3].map(() => ensureRegistered(project(), around.ports)));
  for (const row of rows) expect(row).toEqual(rows[0]);
  const row = await control(around.store);
  expect(row.sequence).toBe(1);
  expect(row.releases).toMatchObject([{ number: 0, reason: 'REGISTERED' }]);
  expect(Object.values(row.entries)).toMatchObject([{ build: null, cut: [21], corrections: [] }]);
  expect(row.streams[readings.name]?.origins).toEqual([21]);
});

test('E0: the origins come from the archive after the store was lost, however far the log was trimmed', async () => {
  const around = await world(1);
  await around.log.append(TOPIC, events(50, 1));
  await around.log.trim(TOPIC, 0, 5);
  await ensureRegistered(project(), around.ports);
  await new LogArchiver({ stream: readings, topic: TOPIC }, around.ports).archiveUntilEnd([5], never);
  around.store.destroy();
  await around.log.trim(TOPIC, 0, 30);
  const row = await ensureRegistered(project(), { ...around.ports, store: around.store.open() });
  expect(row.streams[readings.name]?.origins).toEqual([5]);
});

test('E7: a log with another identity is refused', async () => {
  const around = await world();
  await ensureRegistered(project(), around.ports);
  around.log.recreate(TOPIC);
  await expect(ensureRegistered(project(), around.ports)).rejects.toMatchObject({ code: 'LOG_REPLACED' });
});

test('E4: a view that was declared otherwise under the same version is refused, under a new one it is not', async () => {
  const around = await world();
  await ensureRegistered(project(), around.ports);
  const changed = project([sensorView(1, 'most')]);
  await expect(ensureRegistered(changed, around.ports)).rejects.toMatchObject({ code: 'VIEW_DIFFERS' });
  await expect(ensureRegistered(project([sensorView(2, 'most')]), around.ports)).resolves.toMatchObject({
    sequence: 1,
  });
});

test('E0: new partitions are taken over with their own origins, by several at once, and the old origins stay', async () => {
  const around = await world(1);
  await around.log.append(TOPIC, events(40, 1));
  await around.log.trim(TOPIC, 0, 10);
  await ensureRegistered(project(), around.ports);
  await around.log.trim(TOPIC, 0, 20);
  await around.log.ensureTopic(TOPIC, { partitions: 3 });
  await Promise.all([1, 2, 3].map(() => ensureRegistered(project(), around.ports)));
  const row = await control(around.store);
  expect(row.streams[readings.name]?.origins).toEqual([10, 0, 0]);
  expect(row.sequence).toBe(2);
});

test('E0: a stream that is added later is taken over beside the others', async () => {
  const around = await world();
  await ensureRegistered({ id: 'p', streams: [], views: [] }, around.ports);
  const row = await ensureRegistered(project(), around.ports);
  expect(Object.keys(row.streams)).toEqual([readings.name]);
});
