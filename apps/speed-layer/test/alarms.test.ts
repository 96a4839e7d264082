import { ClassifiedReader } from '@twofold/event-log';
import { createClassifier, createDecoder, RecordClass } from '@twofold/schemas';
import { alarm } from '@twofold/views';
import { expect, test } from 'vitest';
import { alarmStream } from '../src/alarm-event.ts';
import { alarmFolds, noteNewAlarms } from '../src/alarm-fold.ts';
import { deliverAlarms } from '../src/deliver-alarms.ts';
import { event, readings, registered, surroundings, TOPIC } from './sample.ts';
import { Killed, passes, startWorker, unavailable, watched } from './worker-world.ts';

const ALARMS = 'alarms-topic';
const tooHigh = alarm('tooHigh', {
  from: readings,
  when: (e) => e.value.greaterThan(50),
  key: 'sensor',
  severity: 'critical',
});

async function world() {
  const around = surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.ensureTopic(ALARMS, { partitions: 1 });
  await registered(around.log, around.store);
  return around;
}

type World = Awaited<ReturnType<typeof world>>;

function sides(around: World, progress = around.store.progress) {
  const { log, clock, logger } = around;
  const parts = { stream: readings, partition: 0, topic: ALARMS, log, progress, clock, logger };
  return alarmFolds({ ...parts, alarms: [tooHigh] }, 0);
}

/** Alarms in the log: how many records, and how many count (E9). */
async function raised(around: World): Promise<{ records: number; counted: number }> {
  const reader = new ClassifiedReader(
    {
      cursor: around.log.open(ALARMS, 0),
      decoder: createDecoder(alarmStream),
      classifier: createClassifier(alarmStream),
      origin: 0,
      dedupeHorizon: alarmStream.dedupeHorizon,
      historySize: 2,
      maxBytes: 1 << 20,
    },
    0,
  );
  const read = await reader.read({ waitMs: 0, signal: new AbortController().signal });
  const classes = read === null ? [] : [...read.columns.classes.subarray(0, read.columns.count)];
  return { records: classes.length, counted: classes.filter((found) => found === RecordClass.applied).length };
}

const measured = [event('a', 0, 10), event('a', 1, 60), event('b', 2, 70), event('a', 1, 60), event('b', 3, 50)];

test('an alarm is raised for each applied event that meets its condition, and for no duplicate', async () => {
  const around = await world();
  const worker = startWorker(around, { sides: await sides(around) });
  await around.log.append(TOPIC, measured);
  await passes(around.clock, 500);
  await worker.stop();
  expect(await raised(around)).toEqual({ records: 2, counted: 2 });
});

test('E9: after a crash between append and progress the alarm is raised again and counts once', async () => {
  const around = await world();
  const dying = watched(around.store, (kind) => {
    if (kind === 'progress') throw new Killed('KILLED', 'dead');
  });
  const first = startWorker(around, { sides: await sides(around, dying.progress) });
  await around.log.append(TOPIC, measured);
  await passes(around.clock, 500);
  await first.stop();
  expect(first.ended.error).toBeInstanceOf(Killed);
  expect((await raised(around)).records).toBe(2);
  const second = startWorker(around, { sides: await sides(around) });
  await passes(around.clock, 500);
  await second.stop();
  expect(await raised(around)).toEqual({ records: 4, counted: 2 });
});

test('while nothing is raised the position is noted once a second, and with what is raised at once', async () => {
  const around = await world();
  let notes = 0;
  const counting = watched(around.store, (kind) => {
    if (kind === 'progress') notes++;
  });
  const worker = startWorker(around, { sides: await sides(around, counting.progress) });
  const sendFor = async (seconds: number, value: number) => {
    for (let turn = 0; turn < 10 * seconds; turn++) {
      await around.log.append(TOPIC, [event('a', 1_000 * (notes + turn), value)]);
      await passes(around.clock, 100);
    }
  };
  await sendFor(3, 10);
  expect(notes).toBeGreaterThanOrEqual(3);
  expect(notes).toBeLessThanOrEqual(4);
  const before = notes;
  await around.log.append(TOPIC, [event('b', 5, 60)]);
  await passes(around.clock, 200);
  expect(notes).toBe(before + 1);
  await worker.stop();
});

test('a delivery is tried again until it is accepted, once an alarm, under its own id', async () => {
  const around = await world();
  const worker = startWorker(around, { sides: await sides(around) });
  await around.log.append(TOPIC, measured);
  await passes(around.clock, 500);
  await worker.stop();
  const told: string[] = [];
  let failures = 3;
  const stop = new AbortController();
  const { log, clock, logger, store } = around;
  const notifier = {
    notify: async (id: string) => {
      if (failures-- > 0) throw unavailable();
      told.push(id);
    },
  };
  const parts = { topic: ALARMS, partition: 0, log, progress: store.progress, notifier, clock, logger };
  const done = deliverAlarms(parts, stop.signal);
  await passes(clock, 10_000);
  stop.abort();
  await passes(clock, 500);
  await done;
  expect(told).toEqual(['tooHigh/readings/0:1', 'tooHigh/readings/0:2']);
  // A second process goes on behind what was told.
  const again = new AbortController();
  const next = deliverAlarms(parts, again.signal);
  await passes(clock, 1_000);
  again.abort();
  await passes(clock, 500);
  await next;
  expect(told.length).toBe(2);
});

test('a new alarm begins where the log ended when it was noted, whenever its fold starts; an old one goes on', async () => {
  const around = await world();
  const { log, store } = around;
  const note = () =>
    noteNewAlarms({ alarms: [tooHigh], ranges: () => log.partitions(TOPIC), progress: store.progress });
  await log.append(TOPIC, [event('a', 0, 99)]);
  await note();
  await log.append(TOPIC, measured);
  // A process that dies before its first flush changes nothing: the next one notes nothing anew.
  await note();
  const { clock, logger } = around;
  const parts = { stream: readings, partition: 0, topic: ALARMS, log, progress: store.progress, clock, logger };
  const worker = startWorker(around, { sides: await alarmFolds({ ...parts, alarms: [tooHigh] }, 1_000) });
  await passes(clock, 500);
  await worker.stop();
  expect(await raised(around)).toEqual({ records: 2, counted: 2 });
});

test('a store that can not note for now what was told ends no delivery', async () => {
  const around = await world();
  const worker = startWorker(around, { sides: await sides(around) });
  await around.log.append(TOPIC, measured);
  await passes(around.clock, 500);
  await worker.stop();
  let failures = 3;
  const full = watched(around.store, (kind) => {
    if (kind === 'progress' && failures-- > 0) throw unavailable();
  });
  const told: string[] = [];
  const notifier = { notify: async (id: string) => void told.push(id) };
  const stop = new AbortController();
  const { log, clock, logger } = around;
  const parts = { topic: ALARMS, partition: 0, log, progress: full.progress, notifier, clock, logger };
  const done = deliverAlarms(parts, stop.signal);
  await passes(clock, 10_000);
  stop.abort();
  await passes(clock, 500);
  await done;
  expect(told.length).toBe(2);
  expect(failures).toBeLessThan(0);
});
