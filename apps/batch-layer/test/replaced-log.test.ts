import { archivedEnd, archivedRecords } from '@twofold/archive';
import { createArchivedLog } from '@twofold/event-log';
import { liveRelease } from '@twofold/releases';
import { instant, stream, text } from '@twofold/schemas';
import { count, tumbling, view } from '@twofold/views';
import { expect, test } from 'vitest';
import { BATCH_DEFAULTS, BatchLayer } from '../src/batch-layer.ts';
import type { RunWork } from '../src/job.ts';
import { LossWatch } from '../src/loss-watch.ts';
import type { BatchProject } from '../src/ports.ts';
import { request, where } from './correcting.ts';
import { control, events, hastyClock, never, perSensor, readings, surroundings, TOPIC, type World } from './sample.ts';

const OTHER_TOPIC = 'o';
const others = stream('others', {
  fields: { name: text().maxLength(16), at: instant('ms') },
  id: ['name', 'at'],
  eventTime: 'at',
  partitionKey: 'name',
  skew: null,
  dedupeHorizon: 24,
  sliceSize: 16,
});
const perName = view('perName', {
  from: others,
  version: 1,
  dimensions: (e) => ({ name: e.name }),
  window: tumbling('1m'),
  measures: () => ({ times: count() }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['name'] }],
});
const streams = [
  { stream: readings, topic: TOPIC },
  { stream: others, topic: OTHER_TOPIC },
];
const both: BatchProject = { id: 'p', streams, views: [perSensor, perName] };

const encoder = new TextEncoder();
const otherEvents = (many: number, from = 0) =>
  Array.from({ length: many }, (_, i) => {
    const name = `n${i % 3}`;
    const at = new Date(Date.UTC(2026, 0, 1) + (from + i) * 7_000).toISOString();
    return { key: encoder.encode(name), value: encoder.encode(JSON.stringify({ name, at })) };
  });

/** Both streams archived and built, before anything happens to a log. */
async function built(): Promise<{ around: World; layer: BatchLayer }> {
  const around = surroundings();
  for (const { topic } of streams) await around.log.ensureTopic(topic, { partitions: 1 });
  await around.log.append(TOPIC, events(40, 1));
  await around.log.append(OTHER_TOPIC, otherEvents(20));
  const layer = new BatchLayer(both, around.ports, BATCH_DEFAULTS);
  await layer.recompute(both.views, never);
  return { around, layer };
}

const archived = async ({ archive }: World): Promise<Record<string, number>> => ({
  readings: archivedEnd(await archive.head(readings.name), 0),
  others: archivedEnd(await archive.head(others.name), 0),
});

/** The topic is another one, and holds more than before: who went by positions alone would take it for the same. */
async function replaceReadings({ log }: World): Promise<void> {
  log.recreate(TOPIC);
  await log.append(TOPIC, events(90, 2));
}

test('E7: a log that was replaced stops the archiving of its stream and of no other', async () => {
  const { around, layer } = await built();
  await replaceReadings(around);
  await around.log.append(OTHER_TOPIC, otherEvents(15, 20));
  await expect(layer.archiveAll(never)).rejects.toMatchObject({ code: 'LOG_REPLACED', facts: { stream: 'readings' } });
  expect(await archived(around)).toEqual({ readings: 40, others: 35 });
  expect(layer.troubles).toEqual([expect.stringMatching(/^the archive of readings does not .*LOG_REPLACED/)]);
});

test('E7: views of other streams are built and promoted, those of a replaced log are refused and stay as they are', async () => {
  const { around, layer } = await built();
  const before = await control(around.store);
  await replaceReadings(around);
  await around.log.append(OTHER_TOPIC, otherEvents(15, 20));
  await expect(layer.recompute([perSensor], never)).rejects.toMatchObject({ code: 'LOG_REPLACED' });
  expect((await control(around.store)).live).toBe(before.live);
  expect((await layer.recompute([perName], never)).views).toEqual(['perName']);
  const row = await control(around.store);
  const entries = liveRelease(row).entries;
  expect(entries['perSensor']).toBe(liveRelease(before).entries['perSensor']);
  expect(row.entries[entries['perName'] ?? '']?.cut).toEqual([35]);
});

test('E7: a scheduled run over both streams waits for nothing, names the replaced one and moves the other', async () => {
  const { around, layer } = await built();
  await replaceReadings(around);
  await around.log.append(OTHER_TOPIC, otherEvents(15, 20));
  const [job] = layer.jobs();
  expect(await job?.ready?.(never)).toEqual([]);
  const mark = { job: 'recompute', fence: 1, run: 'run-1', slot: null };
  const work: RunWork = {
    views: ['perSensor', 'perName'],
    cuts: null,
    again: null,
    isLast: false,
    mark,
    note: () => {},
  };
  const result = await job?.run(work, never);
  expect(result?.error).toMatchObject({ code: 'LOG_REPLACED' });
  expect(result?.outputs).toMatchObject([
    { view: 'perSensor', state: 'FAILED', error: { code: 'LOG_REPLACED' } },
    { view: 'perName', state: 'SUCCEEDED' },
  ]);
});

test('E7: corrections of other streams are planned while one log is replaced, those of its own are not', async () => {
  const { around, layer } = await built();
  await replaceReadings(around);
  const ofOthers = request('retract', where("name = 'n1'"), { stream: others.name });
  expect((await layer.corrections.plan(ofOthers, never)).stream).toBe('others');
  const own = request('retract', where("sensor = 's1'"));
  await expect(layer.corrections.plan(own, never)).rejects.toMatchObject({ code: 'LOG_REPLACED' });
});

test('E7: a batch layer that starts over a replaced log goes on with the others, says so once, and again when it is over', async () => {
  const { around } = await built();
  await replaceReadings(around);
  await around.log.append(OTHER_TOPIC, otherEvents(15, 20));
  const started = new BatchLayer(both, around.ports, BATCH_DEFAULTS);
  const stop = new AbortController();
  const running = started.run({ schedule: () => () => undefined }, stop.signal).catch(() => undefined);
  const errors = (): string[] =>
    around.logger.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
  while ((await archived(around))['others'] !== 35 || errors().length === 0) await hastyClock().sleep(1);
  for (let turn = 0; turn < 50; turn++) await hastyClock().sleep(1);
  stop.abort();
  await running;
  expect(errors().filter((message) => message.includes('does not follow'))).toEqual([
    expect.stringMatching(/readings.*LOG_REPLACED/),
  ]);
});

test('E13: a log that can not be looked at keeps nobody from looking at the others', async () => {
  const { around } = await built();
  const { log } = around;
  const failing: typeof around.ports.log = {
    identity: (topic) => log.identity(topic),
    open: (topic, partition) => log.open(topic, partition),
    partitions: (topic) => (topic === TOPIC ? Promise.reject(new TypeError('away')) : log.partitions(topic)),
  };
  const retainMs = (): Promise<number> => Promise.resolve(1_000);
  const watch = new LossWatch(streams, { ...around.ports, log: failing, retainMs });
  await log.append(OTHER_TOPIC, otherEvents(15, 20));
  around.clock.pass(10_000);
  for (let look = 0; look < 2; look++) await expect(watch.look(never)).rejects.toThrow('away');
  expect(watch.risks).toMatchObject([{ stream: 'others', archivedTo: 20, end: 35 }]);
});

test('E7: a log that was replaced is told by the archive when the store that knew it is gone, too', async () => {
  for (const [many, how] of [
    [90, 'another record at 0'],
    [10, 'it ends at 10'],
  ] as const) {
    const { around } = await built();
    around.log.recreate(TOPIC);
    await around.log.append(TOPIC, events(many, 2));
    around.store.destroy();
    const ports = { ...around.ports, store: around.store.open() };
    const refused = new BatchLayer(both, ports, BATCH_DEFAULTS).archiveAll(never);
    await expect(refused).rejects.toMatchObject({ code: 'LOG_REPLACED', facts: { stream: 'readings' } });
    await expect(refused).rejects.toThrow(how);
    expect(await ports.store.control.read()).toBe(null);
    expect(await archived(around)).toEqual({ readings: 40, others: 20 });
  }
});

test('E7, E21: a redaction that died when it had marked the archive does not make another log of it', async () => {
  const { around } = await built();
  const log = createArchivedLog(
    around.log,
    archivedRecords(around.archive, (topic) => streams.find((each) => each.topic === topic)?.stream),
  );
  const rewriting = Object.assign(Object.create(around.archive) as World['archive'], {
    eraseRows: () => Promise.reject(new Error('killed')),
  });
  const dying = new BatchLayer(both, { ...around.ports, log, archive: rewriting }, BATCH_DEFAULTS);
  const asked = request('redact', where("sensor = 's1'"), { approver: 'bob', reason: 'ticket 12' });
  const { id, fingerprint } = await dying.corrections.plan(asked, never);
  await expect(dying.corrections.apply(id, { fingerprint, gates: [], preview: false }, never)).rejects.toThrow(
    'killed',
  );
  expect((await around.archive.head(readings.name)).redactions).toEqual([0]);
  around.store.destroy();
  const ports = { ...around.ports, log, store: around.store.open() };
  await around.log.append(TOPIC, events(5, 3));
  await new BatchLayer(both, ports, BATCH_DEFAULTS).archiveAll(never);
  expect(await archived(around)).toEqual({ readings: 45, others: 20 });
});

test('E7: the same log is taken over again after the store was lost, also when it has let go of the oldest', async () => {
  const { around } = await built();
  await around.log.trim(TOPIC, 0, 10);
  await around.log.append(TOPIC, events(5, 3));
  around.store.destroy();
  const ports = { ...around.ports, store: around.store.open() };
  await new BatchLayer(both, ports, BATCH_DEFAULTS).archiveAll(never);
  expect(await archived(around)).toEqual({ readings: 45, others: 20 });
});
