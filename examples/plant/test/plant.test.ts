import { describe, expect, it } from 'vitest';
import { SensorEvents, type SensorMessage } from '@twofold/event-generator';
import { classify, holds, oracleAnswer, type ClassifiedRecord } from '@twofold/oracle';
import {
  highVibration,
  history,
  live,
  plant,
  plantMinute,
  queries,
  rigMinute,
  rigReadings,
  sensorMinute,
  sensorReadings,
} from '@twofold/plant';

function classifyMessages(messages: readonly SensorMessage[]): ClassifiedRecord[] {
  const records = messages.map(({ key, value, sendMs }, offset) => ({
    partition: 0,
    offset,
    key,
    value,
    logTime: sendMs,
  }));
  return classify(sensorReadings, records, [0]);
}

const text = new TextDecoder();
const count = <T>(some: readonly T[], wanted: (one: T) => boolean): number => some.filter(wanted).length;

describe('the project', () => {
  it('has two streams, three views and an alarm', () => {
    expect(plant.id).toBe('plant');
    expect(plant.streams).toEqual([rigReadings, sensorReadings]);
    expect(plant.views).toEqual([rigMinute, sensorMinute, plantMinute]);
    expect(plant.alarms).toEqual([highVibration]);
  });

  it('has three queries that ask for what the views have', () => {
    expect(new Set(queries.map(({ name }) => name)).size).toBe(3);
    for (const { name, text: query, variables } of queries) {
      expect(query).toMatch(new RegExp(`^query ${name}\\(`));
      const used = [...query.matchAll(/[a-z]: \$(\w+)/g)].map(([, variable]) => variable);
      expect(new Set(used)).toEqual(new Set(Object.keys(variables)));
      const view = plant.views.find((one) => query.includes(`${one.name}(`));
      const rows =
        view === undefined ? [] : [...view.dimensions, ...view.measures, ...view.derived].map((one) => one.name);
      const asked = (/nodes \{([^}]*)\}/.exec(query)?.[1] ?? '').trim().split(/\s+/);
      for (const field of asked) expect([...rows, 'windowStart', 'windowEnd', 'complete']).toContain(field);
    }
  });
});

describe('what is sent', () => {
  it('is the rig, then generated sensors, each for its stream', () => {
    let sent = 0;
    for (const { stream } of history()) if (stream === rigReadings.name) sent++;
    expect(sent).toBe(264_600);
    const startMs = Date.UTC(2026, 0, 1);
    const now = live({ seed: 1, ratePerSecond: 500, startMs });
    const [first, second] = [now.takeUntil(startMs + 10_000), now.takeUntil(startMs + 11_000)];
    expect(new Set(first.map(({ stream }) => stream))).toEqual(new Set([sensorReadings.name]));
    expect(new Set(first.map(({ key }) => text.decode(key))).size).toBe(500);
    expect(Math.abs(first.length - 5_000)).toBeLessThan(500);
    expect(Math.abs(second.length - 500)).toBeLessThan(100);
  }, 60_000);
});

describe('50,000 generated messages', () => {
  const rates = { seed: 11, sensors: 200, duplicate: 0.01, malformed: 0.01, anomalyStart: 0.001 };

  it('have the class that the generator meant, message by message, when none is delayed', () => {
    const messages = new SensorEvents({ ...rates, outOfOrder: 0, late: 0 }).take(50_000);
    const meant = { EVENT: 'applied', DUPLICATE: 'duplicate', MALFORMED: 'rejected' };
    expect(classifyMessages(messages).map((record) => record.class)).toEqual(messages.map(({ kind }) => meant[kind]));
  }, 60_000);

  it('have as many of each class as the generator counted, delayed ones included', () => {
    const events = new SensorEvents({ ...rates, outOfOrder: 0.05, late: 0.01 });
    const messages = events.take(50_000);
    const log = classifyMessages(messages);
    expect(messages.map(({ kind }) => kind === 'MALFORMED')).toEqual(log.map((record) => record.class === 'rejected'));
    // A copy may come before a delayed event: then it is the copy that counts, and the event is the duplicate.
    const sound = messages.filter(({ kind }) => kind !== 'MALFORMED').map(({ value }) => text.decode(value));
    expect(count(log, (record) => record.class === 'applied')).toBe(new Set(sound).size);
    expect(events.truth.messages).toBe(log.length);
    expect(events.truth.late).toBeGreaterThan(100);
    expect(count(log, (record) => record.class === 'duplicate')).toBeGreaterThan(400);
  }, 60_000);

  it('ring the alarm for the bursts, which are all that vibrates so much', () => {
    const events = new SensorEvents({ ...rates, duplicate: 0, malformed: 0, outOfOrder: 0, late: 0 });
    const messages = events.take(50_000);
    const ringing = classifyMessages(messages).map(
      (record) => record.class === 'applied' && holds(highVibration.when, record.event),
    );
    const strong = messages.map(({ value }) => (JSON.parse(text.decode(value)) as { vibration: number }).vibration > 2);
    expect(ringing).toEqual(strong);
    expect(events.truth.anomalies).toBeGreaterThan(100);
    expect(Math.abs(count(ringing, Boolean) / events.truth.anomalies - 1)).toBeLessThan(0.1);
  }, 60_000);

  it('stand in the views with the sums that plain arithmetic gives', () => {
    const messages = new SensorEvents({ ...rates, duplicate: 0, malformed: 0 }).take(50_000);
    const log = classifyMessages(messages);
    const rows = oracleAnswer(plantMinute, log, { from: -Infinity, to: Infinity });
    const minutes = new Map<number, { readings: number; hundredths: number }>();
    for (const { value } of messages) {
      const { timestamp, temperature } = JSON.parse(text.decode(value)) as { timestamp: number; temperature: number };
      const end = (Math.floor(timestamp / 60_000) + 1) * 60_000;
      const { readings, hundredths } = minutes.get(end) ?? { readings: 0, hundredths: 0 };
      minutes.set(end, { readings: readings + 1, hundredths: hundredths + Math.round(temperature * 100) });
    }
    expect(rows.map(({ windowEnd, values }) => [windowEnd, values.readings, values.temperature])).toEqual(
      [...minutes].map(([end, { readings, hundredths }]) => [end, readings, hundredths / (readings * 100)]),
    );
    const oneSensor = { from: rows[0]?.windowStart ?? 0, to: rows[0]?.windowEnd ?? 0, keys: [['s-00001']] };
    const rolling = oracleAnswer(sensorMinute, log, oneSensor);
    expect(rolling).toHaveLength(60);
    for (const { values, derived } of rolling)
      if (values.vibration !== null) expect(derived.crest).toBe(Number(values.worst) / Number(values.vibration));
  }, 60_000);
});
