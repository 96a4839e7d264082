import { decimal, instant, stream, text, type Stream } from '@twofold/schemas';
import { count, tumbling, view, type View } from '@twofold/views';
import { describe, expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import type { BatchProject } from '../src/ports.ts';
import { recomputeViews } from '../src/recompute-views.ts';
import * as sample from './sample.ts';
import { contentOf, control, events, liveEntry, never, perSensor, readings, TOPIC, type World } from './sample.ts';

const fields = { sensor: text().maxLength(16), at: instant('ms'), value: decimal(2).between(-1000, 1000) };
const declared = {
  ...({ fields, id: ['sensor', 'at'], eventTime: 'at', partitionKey: 'sensor', skew: null } as const),
  ...{ dedupeHorizon: sample.HORIZON, sliceSize: sample.SLICE },
};

/** What may happen to a declaration under which records were archived already. */
const changes: Readonly<Record<string, Stream>> = {
  'a field is added': stream('readings', { ...declared, fields: { ...fields, note: text().optional() } }),
  'a range is tightened': stream('readings', { ...declared, fields: { ...fields, value: decimal(2).between(0, 5) } }),
  'the dedupe horizon is another': stream('readings', { ...declared, dedupeHorizon: 5 }),
  'records are bounded': stream('readings', { ...declared, maxRecordBytes: 40 }),
  'its version is raised': stream('readings', { ...declared, version: 2 }),
};

function counted(from: Stream): View {
  return view('perSensor', {
    from: from as typeof readings,
    version: 2,
    dimensions: (e) => ({ sensor: e.sensor }),
    window: tumbling('1m'),
    measures: () => ({ readings: count() }),
    levels: { '1m': 'forever' },
    serve: [{ key: ['sensor'] }],
  });
}

function project(changed: Stream): BatchProject {
  return { id: 'p', streams: [{ stream: changed, topic: TOPIC }], views: [counted(changed)] };
}

async function world(): Promise<World> {
  const around = sample.surroundings();
  await around.log.ensureTopic(TOPIC, { partitions: 1 });
  await around.log.append(TOPIC, events(80, 5));
  await new BatchLayer(sample.project(), around.ports).recompute([perSensor], never);
  return around;
}

test('the declaration that this test changes is the one that was archived', () => {
  expect(stream('readings', declared).fingerprint).toBe(readings.fingerprint);
});

describe.each(Object.entries(changes))('when %s', (_, changed) => {
  test('E9: the project does not start, says why, and nothing is changed', async () => {
    const around = await world();
    const before = [await control(around.store), [...around.stored.keys()]];
    const batch = new BatchLayer(project(changed), around.ports);
    for (const start of [() => batch.archiveAll(never), () => batch.recompute([counted(changed)], never)])
      await expect(start()).rejects.toMatchObject({
        code: 'STREAM_DIFFERS',
        retryable: false,
        facts: { declared: changed.fingerprint, registered: readings.fingerprint },
      });
    expect([await control(around.store), [...around.stored.keys()]]).toEqual(before);
  });

  test('E9: also when the control row was lost and only the archive knows the old declaration', async () => {
    const around = await world();
    around.store.destroy();
    const store = around.store.open();
    const batch = new BatchLayer(project(changed), { ...around.ports, store });
    await expect(batch.archiveAll(never)).rejects.toMatchObject({
      code: 'STREAM_DIFFERS',
      facts: { declared: changed.fingerprint, archived: readings.fingerprint },
    });
    expect(await store.control.read()).toBeNull();
    // The old declaration goes on where it was.
    const again = new BatchLayer(sample.project(), { ...around.ports, store });
    expect((await again.recompute([perSensor], never)).release).not.toBeNull();
  });

  test('E9: no build reads columns of the old declaration, and the served release stays', async () => {
    const around = await world();
    const live = await liveEntry(around.store);
    const content = await contentOf(around.store, live.build);
    await expect(recomputeViews([counted(changed)], around.ports, never)).rejects.toMatchObject({
      code: 'STREAM_DIFFERS',
    });
    expect(await liveEntry(around.store)).toEqual(live);
    expect(await contentOf(around.store, live.build)).toEqual(content);
    expect((await control(around.store)).candidates).toEqual([]);
  });
});
