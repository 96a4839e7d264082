import { noLimit } from '@twofold/views';
import { describe, expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { restatementTopic, tellRestatements } from '../src/review/tell-restatements.ts';
import { RestatementList } from '../src/review/told-restatements.ts';
import { correct, counts, request, rows, S1_IN_MINUTES_10_TO_20 } from './correcting.ts';
import { control, DAY_MS, event, never, perSensor, project, sensorView, START, TOPIC } from './sample.ts';
import { built, late } from './feed-world.ts';
describe('X8: the restatement feed', () => {
  test('tells each row that a correction changed once, with what it was and what it is', async () => {
    const { world, layer, tell, told } = await built();
    const before = await counts(world);
    const { result } = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    const after = await counts(world);
    expect((await control(world.store)).untold).toMatchObject([{ release: result.release }]);
    const many = await tell();
    const changes = await told();
    const wanted = [...before].filter(([place, value]) => after.get(place) !== value).map(([place]) => place);
    expect(changes.map(({ key, window }) => `${key?.['sensor']} ${(window.start - START) / 60_000}`).sort()).toEqual(
      wanted.sort(),
    );
    expect(many).toBe(wanted.length);
    for (const { key, window, old, new: now } of changes) {
      const place = `${key?.['sensor']} ${(window.start - START) / 60_000}`;
      expect([old?.['readings'], now?.['readings']]).toEqual([before.get(place), after.get(place)]);
    }
    expect(changes[0]).toMatchObject({
      ...{ format: 1, id: `${result.release}:0`, view: 'perSensor', version: 1, cause: 'CORRECTION', rows: 1 },
      ...{ correction: result.correction, reason: 'the sensor was wet', release: result.release },
      releaseNumber: (await control(world.store)).releases.at(-1)?.number,
    });
    expect((await control(world.store)).untold).toEqual([]);
    expect(await tell()).toBe(0);
    expect(await told()).toEqual(changes);
  });

  test('tells the rows that late data change, in windows that were complete', async () => {
    const { world, layer, tell, told } = await built();
    await world.log.append(TOPIC, [...late(3), event('s1', START + 40 * DAY_MS, 3)]);
    const { release } = await layer.recompute([perSensor], never);
    expect(await tell()).toBe(1);
    expect(await told()).toMatchObject([{ cause: 'LATE_DATA', key: { sensor: 's1' }, rows: 1, release }]);
  });

  test('tells nothing of new data alone, and keeps no document of it', async () => {
    const { world, layer, tell } = await built();
    await world.log.append(TOPIC, [event('s1', START + 40 * DAY_MS, 3)]);
    expect((await layer.recompute([perSensor], never)).release).not.toBeNull();
    expect(await tell()).toBe(0);
    const documents = await world.archive.corrections('readings').listDocuments();
    expect(documents.filter((name) => !name.startsWith('view-'))).toEqual([]);
  });

  test('tells the rows that a correction brings to a view that has none yet, and holds them against gates', async () => {
    const gates = [{ ...noLimit, name: 'few', severity: 'block' as const, maxRows: 1 }];
    const { world, layer, tell, told } = await built({ gates }, 0);
    const added = (key: string, ...sensors: string[]) =>
      correct(
        layer,
        request('add', {}, { rows: rows(...sensors.map((each) => event(each, START, 4))), idempotencyKey: key }),
      );
    await expect(added('two', 's1', 's2')).rejects.toMatchObject({ code: 'GATE_BLOCKED' });
    const { result } = await added('one', 's9');
    expect(result.diff?.views).toMatchObject([{ cause: 'CORRECTION', rowsAdded: 1, rowsChanged: 0 }]);
    await tell();
    expect(await told()).toMatchObject([{ key: { sensor: 's9' }, old: null, release: result.release }]);
    expect(await counts(world)).toEqual(new Map([['s9 0', 1]]));
  });

  test('a teller that is killed anywhere, between promotion and feed or within it, is followed by one that tells the rest', async () => {
    for (const after of [0, 1, 3, 7]) {
      const { world, layer, told } = await built();
      await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
      const mine = project();
      const topic = restatementTopic(mine);
      let appended = 0;
      // Dies when so many are in the log, and before the row says so.
      const dying = {
        ...world.log,
        append: async (to: string, records: Parameters<typeof world.log.append>[1]) => {
          const some = records.slice(0, Math.max(0, after - appended));
          appended += some.length;
          const result = await world.log.append(to, some);
          if (some.length < records.length) throw new RangeError('killed');
          return result;
        },
        partitions: (of: string) => world.log.partitions(of),
        open: (of: string, partition: number) => world.log.open(of, partition),
      };
      await expect(tellRestatements(mine, { ...world.ports, events: dying }, never)).rejects.toThrow('killed');
      expect((await world.log.partitions(topic))[0]?.end).toBe(after);
      expect((await control(world.store)).untold).toHaveLength(1);
      await tellRestatements(mine, { ...world.ports, events: world.log }, never);
      const ids = (await told()).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThan(7);
    }
  });

  test('two that tell at once repeat under the same ids, and leave nothing out', async () => {
    const { world, layer, told } = await built();
    await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20));
    await correct(layer, request('add', {}, { rows: rows(event('s9', START + 1_000, 4)) }));
    const mine = project();
    const tell = (): Promise<number> => tellRestatements(mine, { ...world.ports, events: world.log }, never);
    await Promise.all([tell(), tell(), tell()]);
    const changes = await told();
    const byId = new Map(changes.map((change) => [change.id, change]));
    for (const change of changes) expect(change).toEqual(byId.get(change.id));
    expect([...byId.values()].filter(({ old }) => old === null)).toMatchObject([{ key: { sensor: 's9' } }]);
    expect((await control(world.store)).untold).toEqual([]);
  });

  test('nothing is told of what was not promoted: previews, and what a gate stops', async () => {
    const { world, layer, tell } = await built();
    const plan = await layer.corrections.plan(request('retract', S1_IN_MINUTES_10_TO_20), never);
    const { fingerprint } = plan;
    await layer.corrections.apply(plan.id, { fingerprint, gates: [], preview: true }, never);
    expect((await control(world.store)).untold ?? []).toEqual([]);
    expect(await tell()).toBe(0);
  });

  test('late data are told where the project wants all, those of complete windows only; else corrections alone are', async () => {
    for (const restatements of ['all', 'corrections'] as const) {
      const { world, layer, tell, told } = await built({ restatements });
      await world.log.append(TOPIC, [...late(3), event('s1', START + 300 * 7_000, 5)]);
      await layer.recompute([perSensor], never);
      await tell();
      const changes = await told();
      if (restatements === 'corrections') expect(changes).toEqual([]);
      else
        expect(changes).toMatchObject([
          {
            cause: 'LATE_DATA',
            correction: null,
            key: { sensor: 's1' },
            window: { start: START + 600_000, end: START + 660_000 },
          },
        ]);
    }
  });

  test('a change beyond what is told row by row is told by stretches of time, with how many rows', () => {
    const list = new RestatementList('r', { correction: 'c', reason: 'why' }, 2);
    const row = (n: number) => ({ key: ['s1'], windowStart: n, windowEnd: n + 1, before: null, after: {}, change: 1 });
    for (let n = 0; n < 5; n++) list.add(perSensor, 'CORRECTION', row(n), { from: n < 4 ? 0 : 4, to: n < 4 ? 4 : 8 });
    expect(list.all().map(({ id, key, rows: many, window }) => [id, key, many, window.start])).toEqual([
      ['r:0', { sensor: 's1' }, 1, 0],
      ['r:1', { sensor: 's1' }, 1, 1],
      ['r:2', null, 2, 0],
      ['r:3', null, 1, 4],
    ]);
  });
});

describe('a new version of a view', () => {
  test('what the code changed and what came since are told apart', async () => {
    const { world, layer, tell, told } = await built();
    await layer.recompute([perSensor], never);
    const second = sensorView(2, 'most');
    await world.log.append(TOPIC, late(3));
    const next = new BatchLayer(project([second]), world.ports);
    const { release } = await next.recompute([second], never);
    const diff = await next.corrections.diffOf(release ?? '');
    // Readings are counted as before, and the other measure is another one: the code changed no number of both.
    expect(diff?.views).toMatchObject([
      { cause: 'CODE_CHANGE', version: 2, rowsChanged: 0, rowsAdded: 0, rowsRemoved: 0, incomparable: null },
      { cause: 'LATE_DATA', version: 2, rowsChanged: 1, rowsAdded: 0 },
    ]);
    await tell();
    expect((await told()).map(({ cause, version }) => [cause, version])).toEqual([['LATE_DATA', 2]]);
  });
});
