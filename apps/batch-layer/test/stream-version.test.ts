import { derivedName, versionState } from '@twofold/archive';
import { decimal, instant, stream, text, type Stream } from '@twofold/schemas';
import type { ViewStore } from '@twofold/view-store';
import { count, max, tumbling, view, type View } from '@twofold/views';
import { describe, expect, test } from 'vitest';
import { BATCH_DEFAULTS, BatchLayer } from '../src/batch-layer.ts';
import type { BatchProject } from '../src/ports.ts';
import { correct, request, rows } from './correcting.ts';
import * as sample from './sample.ts';
import {
  contentOf,
  control,
  event,
  events,
  foldSpeed,
  liveEntry,
  never,
  perSensor,
  readings,
  START,
  TOPIC,
  type World,
} from './sample.ts';

const fields = { sensor: text().maxLength(16), at: instant('ms'), value: decimal(2).between(-1000, 1000) };
const declared = {
  ...({ fields, id: ['sensor', 'at'], eventTime: 'at', partitionKey: 'sensor', skew: null } as const),
  ...{ dedupeHorizon: sample.HORIZON, sliceSize: sample.SLICE },
};

/** What may happen to a declaration under which records were archived already. */
const changes: Readonly<Record<string, (version: number) => Stream>> = {
  'a field is added': (version) =>
    stream('readings', { ...declared, version, fields: { ...fields, note: text().optional() } }),
  'a range is tightened': (version) =>
    stream('readings', { ...declared, version, fields: { ...fields, value: decimal(2).between(0, 5) } }),
  'digits are rounded': (version) =>
    stream('readings', { ...declared, version, fields: { ...fields, value: decimal(1).round().between(-99, 99) } }),
  'the dedupe horizon is another': (version) => stream('readings', { ...declared, version, dedupeHorizon: 5 }),
  'records are bounded': (version) => stream('readings', { ...declared, version, maxRecordBytes: 60 }),
};

function counted(from: Stream, version = 2): View {
  return view('perSensor', {
    from: from as typeof readings,
    version,
    dimensions: (e) => ({ sensor: e.sensor }),
    window: tumbling('1m'),
    measures: (e) => ({ readings: count(), most: max(e.value) }),
    levels: { '1m': 'forever' },
    serve: [{ key: ['sensor'] }],
  });
}

function layer(of: Stream, views: readonly View[], { ports }: Pick<World, 'ports'>): BatchLayer {
  const project: BatchProject = { id: 'p', streams: [{ stream: of, topic: TOPIC }], views };
  return new BatchLayer(project, ports, { ...BATCH_DEFAULTS, archive: { fileRecords: 16, readBytes: 1 << 14 } });
}

async function filled(records = events(80, 5)): Promise<World> {
  const around = sample.surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, records);
  return around;
}

/** The first version has archived the log, and its view is served. */
async function running(): Promise<World> {
  const around = await filled();
  await layer(readings, [perSensor], around).recompute([perSensor], never);
  return around;
}

/** What a program makes that had the declaration from the first event on. */
async function fromTheStart(changed: Stream, records: Parameters<typeof filled>[0]): Promise<readonly string[]> {
  const around = await filled(records);
  await layer(changed, [counted(changed)], around).recompute([counted(changed)], never);
  return contentOf(around.store, (await liveEntry(around.store)).build);
}

const contentNow = async ({ store }: { readonly store: ViewStore }): Promise<readonly string[]> =>
  contentOf(store, (await liveEntry(store)).build);

/** Everything that is stored under a name. */
const storedNow = ({ stored }: World): Map<string, Uint8Array> => new Map(stored);

test('the declaration that these tests change is the one that was archived', () => {
  expect(stream('readings', declared).fingerprint).toBe(readings.fingerprint);
});

describe.each(Object.entries(changes))('when %s', (_, change) => {
  test('E9: under the same version the project does not start, says why, and nothing is changed', async () => {
    const around = await running();
    const before = [await control(around.store), storedNow(around)];
    const batch = layer(change(1), [counted(change(1))], around);
    for (const start of [() => batch.archiveAll(never), () => batch.recompute([counted(change(1))], never)])
      await expect(start()).rejects.toMatchObject({
        code: 'STREAM_DIFFERS',
        retryable: false,
        facts: { declared: change(1).fingerprint, registered: readings.fingerprint },
      });
    expect([await control(around.store), storedNow(around)]).toEqual(before);
  });

  test('E9: a view that is not raised with its stream is refused before anything is changed', async () => {
    const around = await running();
    const before = [await control(around.store), storedNow(around)];
    const batch = layer(change(2), [counted(change(2), 1)], around);
    await expect(batch.archiveAll(never)).rejects.toMatchObject({ code: 'VIEW_DIFFERS' });
    expect([await control(around.store), storedNow(around)]).toEqual(before);
  });

  test('E9: a new version reclassifies from the original bytes, beside files that stay as they are', async () => {
    const around = await running();
    const before = storedNow(around);
    const served = await liveEntry(around.store);
    const changed = change(2);
    await layer(changed, [counted(changed)], around).recompute([counted(changed)], never);
    expect(await contentNow(around)).toEqual(await fromTheStart(changed, events(80, 5)));
    for (const [name, bytes] of before) expect([name, around.stored.get(name)]).toEqual([name, bytes]);
    const row = await control(around.store);
    expect(row.streams['readings']).toMatchObject({
      version: 2,
      fingerprint: changed.fingerprint,
      former: [{ version: 1, fingerprint: readings.fingerprint }],
    });
    // What was served can be put back: its build reads no file, and its lanes go on.
    expect(row.entries[served.id]).toEqual(served);
    for (const name of ['readings', derivedName(changed)])
      for await (const fault of around.ports.archive.verify(name)) expect.fail(JSON.stringify(fault));
  });

  test('E9: rows that a correction added are read anew, and their files stay as they are', async () => {
    const around = await running();
    await foldSpeed(around);
    const added = [event('s7', START + 120_000, 3), event('s8', START - 864_000_000, 8.25)];
    await correct(layer(readings, [perSensor], around), request('add', {}, { rows: rows(...added) }));
    const before = storedNow(around);
    const changed = change(2);
    const batch = layer(changed, [counted(changed)], around);
    await batch.recompute([counted(changed)], never);
    const wanted = await fromTheStart(changed, [...events(80, 5), ...added]);
    expect(await contentNow(around)).toEqual(wanted);
    expect(wanted).not.toEqual(await fromTheStart(changed, events(80, 5)));
    for (const [name, bytes] of before) expect([name, around.stored.get(name)]).toEqual([name, bytes]);
    // They are read once.
    const files = (): string[] => [...around.stored.keys()].filter((name) => name.includes('added-'));
    expect(files()).toHaveLength(1);
    await batch.recompute([counted(changed)], never, { fresh: true });
    expect(files()).toHaveLength(1);
    expect(await contentNow(around)).toEqual(wanted);
  });

  test('E9: both versions go on side by side, whoever archives', async () => {
    const around = await running();
    const changed = change(2);
    const more = events(70, 9, START + 600_000);
    const late = events(20, 11, START + 1_200_000);
    const [before, after] = [layer(readings, [perSensor], around), layer(changed, [counted(changed)], around)];
    await after.recompute([counted(changed)], never);
    await around.log.append(TOPIC, more);
    // A process of the old version is still there, and is first.
    await before.archiveAll(never);
    await after.recompute([counted(changed)], never);
    const two = await fromTheStart(changed, [...events(80, 5), ...more]);
    expect(await contentNow(around)).toEqual(two);
    await around.log.append(TOPIC, late);
    await after.recompute([counted(changed)], never);
    expect(await contentNow(around)).toEqual(await fromTheStart(changed, [...events(80, 5), ...more, ...late]));
    // What the new version archived itself is not derived once more.
    const derived = await around.ports.archive.head(derivedName(changed));
    expect(Math.max(...derived.files.map(({ to }) => to))).toBe(150);
    expect((await versionState(changed, around.ports.archive)).files.at(-1)?.to).toBe(170);
  });

  test('E9: also when the control row was lost and only the archive knows the old declaration', async () => {
    const around = await running();
    around.store.destroy();
    const store = around.store.open();
    const again = { ...around, store, ports: { ...around.ports, store } };
    const changed = change(2);
    await layer(changed, [counted(changed)], again).recompute([counted(changed)], never);
    expect(await contentNow(again)).toEqual(await fromTheStart(changed, events(80, 5)));
  });
});

describe('a new version of a stream', () => {
  const changed = stream('readings', { ...declared, version: 2, dedupeHorizon: 5 });

  test('E9: that is interrupted at any step leaves what is served as it is, and goes on where it was', async () => {
    for (let steps = 0; steps < 60; steps += 3) {
      const around = await running();
      const served = await liveEntry(around.store);
      const content = await contentNow(around);
      const stop = new AbortController();
      const { archive } = around.ports;
      let left = steps;
      const counting = {
        ...archive,
        create: (...of: Parameters<typeof archive.create>) => {
          if (left-- <= 0) stop.abort(new Error('killed'));
          return archive.create(...of);
        },
        commit: (...of: Parameters<typeof archive.commit>) => {
          if (left-- <= 0) stop.abort(new Error('killed'));
          return archive.commit(...of);
        },
      };
      const killed = { ...around, ports: { ...around.ports, archive: counting } };
      const run = layer(changed, [counted(changed)], killed).recompute([counted(changed)], stop.signal);
      const ended = await run.then(
        () => 'done',
        () => 'killed',
      );
      if (ended === 'done') {
        expect(steps).toBeGreaterThan(6);
        return;
      }
      expect(await liveEntry(around.store)).toEqual(served);
      expect(await contentNow(around)).toEqual(content);
      await layer(changed, [counted(changed)], around).recompute([counted(changed)], never);
      expect(await contentNow(around)).toEqual(await fromTheStart(changed, events(80, 5)));
    }
    expect.fail('it was never done');
  });

  test('E1: can not have other slices', async () => {
    const around = await running();
    const sliced = stream('readings', { ...declared, version: 2, sliceSize: 32 });
    await expect(layer(sliced, [counted(sliced)], around).archiveAll(never)).rejects.toMatchObject({
      code: 'STREAM_DIFFERS',
    });
  });

  test('E9: is not followed by an older one that nobody knew', async () => {
    const around = await running();
    await layer(changed, [counted(changed)], around).archiveAll(never);
    const other = stream('readings', { ...declared, version: 2, dedupeHorizon: 6 });
    await expect(layer(other, [counted(other, 3)], around).archiveAll(never)).rejects.toMatchObject({
      code: 'STREAM_DIFFERS',
    });
    // The first one goes on: it was registered.
    await layer(readings, [perSensor], around).archiveAll(never);
    expect((await control(around.store)).streams['readings']?.version).toBe(2);
  });
});
