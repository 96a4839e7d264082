import { archivedRecords } from '@twofold/archive';
import { createArchivedLog } from '@twofold/event-log';
import { correctionsOf, liveRelease } from '@twofold/releases';
import { gate, type View } from '@twofold/views';
import { describe, expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { collect } from '../src/collect.ts';
import { rollBackTo } from '../src/corrections/roll-back.ts';
import { correct, counts, rebuilt, refusalOf, request, rows, start, total, where } from './correcting.ts';
import {
  contentOf,
  control,
  event,
  foldSpeed,
  liveEntry,
  never,
  perSensor,
  project,
  readings,
  START,
  TOPIC,
  type World,
} from './sample.ts';

const CANARY = 'canary';
const agreed = { approver: 'bob', reason: 'ticket 12', idempotencyKey: 'key 1' };

/** Everything that a platform keeps, in which a text may be. */
async function placesWith(world: World, text: string): Promise<string[]> {
  const { store, stored } = world;
  const found = [...stored].filter(([, bytes]) => Buffer.from(bytes).includes(text)).map(([name]) => name);
  const { parts } = await store.parts.list();
  for (const part of parts)
    for (const { number } of await store.parts.directory(part))
      if (Buffer.from((await store.parts.chunk(part, number)) ?? []).includes(text)) found.push(`part ${part}`);
  for (const partition of [0, 1]) {
    const query = { view: perSensor.name, version: 1, partition, buckets: null, startFrom: 0, startBelow: Infinity };
    for (const row of await store.speedRows.read(query))
      if (Buffer.from(row.bytes).includes(text)) found.push(`speed row ${partition}:${row.start}`);
  }
  for (const { detail, offset } of await store.ledger.deadLetters(readings.name, { limit: 1_000 }))
    if (detail.includes(text)) found.push(`dead letter ${offset}`);
  for (const run of await store.runs.list({ limit: 100 }))
    if (JSON.stringify(run).includes(text)) found.push(`run ${run.id}`);
  return found;
}

/** A platform in which the canary is everywhere that it can be. */
async function withCanary() {
  const { world, layer } = await start(200);
  const encoder = new TextEncoder();
  await world.log.append(TOPIC, [
    event(CANARY, START + 1_000, 5),
    event('s1', START + 2_000, 5),
    event(CANARY, START + 1_000, 5),
    { key: encoder.encode(CANARY), value: encoder.encode(`{"sensor":"${CANARY}","at":"${CANARY}"}`) },
  ]);
  await layer.recompute([perSensor], never);
  await world.store.ledger.write(
    [],
    [
      ...[...Array(4).keys()].map((offset) => ({
        ...{ stream: readings.name, partition: 0, offset, logTime: 5, field: 'at' },
        ...{ code: 'INVALID_INSTANT' as const, detail: `'${CANARY}' is no instant` },
      })),
    ],
  );
  const line = event(CANARY, START + 90_000, 1);
  await correct(layer, request('add', {}, { rows: rows(line, event('s3', START + 95_500, 1)) }));
  await correct(layer, request('retract', where(`sensor = '${CANARY}' and value = 5`)));
  await world.store.runs.put({
    ...{ id: 'run-1', job: 'j', subjects: [perSensor.name], slot: null, trigger: 'MANUAL', state: 'FAILED' },
    ...{ startedAt: 1, endedAt: 2, release: null, facts: {}, attempt: 1 },
    error: { code: 'PARITY_DIFFERS', message: `key ["${CANARY}"]` },
  });
  await foldSpeed(world);
  return { world, layer };
}

/** The store is lost, and made again from archive and log. */
async function madeAgain(world: World): Promise<World> {
  world.store.destroy();
  const store = world.store.open();
  const log = createArchivedLog(
    world.log,
    archivedRecords(world.archive, () => readings),
  );
  const ports = { ...world.ports, store, log };
  const fresh: World = {
    ...{ ...world, ports, log: Object.assign(log, {}) as never },
    store: Object.assign(store, { open: world.store.open, destroy: world.store.destroy }),
  };
  const again = new BatchLayer(project(), ports);
  await again.archiveAll(never);
  await foldSpeed(fresh);
  await again.recompute([perSensor], never);
  return { ...fresh, log: world.log };
}

describe('a redaction', () => {
  test('E21: leaves no byte of what it erases anywhere, and everything else as it was', async () => {
    const { world, layer } = await withCanary();
    expect((await placesWith(world, CANARY)).length).toBeGreaterThan(8);
    const before = await counts(world);
    const { plan, result } = await correct(layer, request('redact', where(`sensor = '${CANARY}'`), agreed));
    expect(plan.erases?.counts).toMatchObject({ applied: 1, duplicate: 1, added: 1 });
    expect(plan.erases?.counts.rejected).toBeGreaterThan(0);
    expect(plan.sample[0]?.fields).toMatchObject({ sensor: CANARY });
    expect(await placesWith(world, CANARY)).toEqual([]);
    expect(result).toMatchObject({ alreadyInForce: false, diff: null, certificate: { correction: result.correction } });
    expect(JSON.stringify(result.certificate)).not.toContain(CANARY);
    expect(result.certificate?.counts).toMatchObject({ filesRewritten: 2, deadLettersDropped: 4, runsCleared: 1 });
    const after = await counts(world);
    const left = [...before].filter(([row]) => !row.startsWith(CANARY));
    expect([...after].sort()).toEqual(left.sort());
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
    const faults: unknown[] = [];
    for await (const fault of world.archive.verify(readings.name)) faults.push(fault);
    expect(faults).toEqual([]);
    const list = await world.archive.corrections(readings.name).list();
    expect(list.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['add', 'the sensor was wet'],
      ['retract', '(erased)'],
      ['redact', 'ticket 12'],
    ]);
  });

  test('E21: only its release is left; no rollback goes past it, and nothing takes it back', async () => {
    const { world, layer } = await withCanary();
    const { releases } = await control(world.store);
    const { result } = await correct(layer, request('redact', where(`sensor = '${CANARY}'`), agreed));
    const row = await control(world.store);
    expect(row.releases.map(({ id }) => id)).toEqual([result.release]);
    for (const { number, id } of releases)
      for (const release of [String(number), id])
        expect(await refusalOf(rollBackTo({ release, views: null }, project(), world.ports, never))).toBe(
          'ROLLBACK_REFUSED',
        );
    await expect(rollBackTo({ release: '1', views: null }, project(), world.ports, never)).rejects.toThrow(
      /redaction of stream/,
    );
    const back = layer.corrections.planRevert(result.correction, request('restate', {}), never);
    expect(await refusalOf(back)).toBe('NOT_REVERTIBLE');
    // Later events come and count, also of the same sensor: a correction never applies to them.
    await world.log.append(TOPIC, [event(CANARY, START + 500_000, 2)]);
    await layer.recompute([perSensor], never);
    expect((await counts(world)).get(`${CANARY} 8`)).toBe(1);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
  });

  test('E21, E7: the log has no record there either, and a store that was lost is made again without', async () => {
    const { world, layer } = await withCanary();
    await correct(layer, request('redact', where(`sensor = '${CANARY}'`), agreed));
    const wanted = await counts(world);
    const lost = await madeAgain(world);
    expect([...(await counts(lost))].sort()).toEqual([...wanted].sort());
    expect(await placesWith(lost, CANARY)).toEqual([]);
    await collect(lost.ports, never);
  });

  test('E21, E7: a store that was lost before it was noted what is in force has the redaction in force', async () => {
    const { world, layer } = await withCanary();
    const shelf = world.archive.corrections(readings.name);
    const noted = await shelf.lastInForce();
    const { result } = await correct(layer, request('redact', where(`sensor = '${CANARY}'`), agreed));
    const { incarnation } = await control(world.store);
    await shelf.noteInForce({ incarnation, sequence: 1_000, list: noted });
    const row = await control((await madeAgain(world)).store);
    expect(correctionsOf(row, liveRelease(row), readings.name)).toEqual([...noted, result.correction]);
  });

  test('E21: gates of the project, which compare what would be kept of it, are not in its way', async () => {
    const { world } = await withCanary();
    const few = gate('few', { on: perSensor as View<{ readonly readings: number }>, maxRows: 0 });
    const layer = new BatchLayer({ ...project(), gates: [few] }, world.ports);
    const { result } = await correct(layer, request('redact', where(`sensor = '${CANARY}'`), agreed));
    expect(result.certificate?.correction).toBe(result.correction);
    expect(await placesWith(world, CANARY)).toEqual([]);
  });

  test('E21: refused with nothing erased: nothing, everything, no second person, words that would stay, a preview', async () => {
    const { world, layer } = await withCanary();
    const places = await placesWith(world, CANARY);
    const row = await control(world.store);
    const plan = (asked: ReturnType<typeof request>): Promise<string> =>
      refusalOf(layer.corrections.plan(asked, never));
    expect(await plan(request('redact', where("sensor = 'none'"), agreed))).toBe('NOTHING_MATCHES');
    expect(await plan(request('redact', where("sensor != 'none'"), agreed))).toBe('EVERYTHING_MATCHES');
    expect(await plan(request('redact', {}, agreed))).toBe('CORRECTION_INVALID');
    const asked = where(`sensor = '${CANARY}'`);
    expect(await plan(request('redact', asked))).toBe('CORRECTION_INVALID');
    expect(await plan(request('redact', asked, { ...agreed, approver: 'ann' }))).toBe('CORRECTION_INVALID');
    expect(await plan(request('redact', asked, { ...agreed, reason: `erase ${CANARY}` }))).toBe('CORRECTION_INVALID');
    const key = { ...agreed, idempotencyKey: `0${CANARY}0` };
    expect(await plan(request('redact', asked, key))).toBe('CORRECTION_INVALID');
    const made = await layer.corrections.plan(request('redact', asked, agreed), never);
    const options = { fingerprint: made.fingerprint, gates: [], preview: true };
    expect(await refusalOf(layer.corrections.apply(made.id, options, never))).toBe('CORRECTION_INVALID');
    const other = { ...options, preview: false, fingerprint: 'other' };
    expect(await refusalOf(layer.corrections.apply(made.id, other, never))).toBe('PLAN_CHANGED');
    expect(await control(world.store)).toEqual(row);
    const after = await placesWith(world, CANARY);
    expect(after).toEqual(places);
    const stored = await layer.corrections.planOf(made.id);
    expect(JSON.stringify(stored)).not.toContain(CANARY);
  });

  test('E21: a key that was drawn names nothing, whatever digits or letters it shares with what is erased', async () => {
    const { layer } = await withCanary();
    const asked = request('redact', where(`sensor = '${CANARY}'`), { ...agreed, idempotencyKey: `0${CANARY}0` });
    const plan = await layer.corrections.plan({ ...asked, keyIsDrawn: true }, never);
    expect(plan.erases?.counts.applied).toBeGreaterThan(0);
  });

  test('E21: a second one with the same plan finds the certificate; others meanwhile are refused', async () => {
    const { world, layer } = await withCanary();
    const asked = request('redact', where(`sensor = '${CANARY}'`), agreed);
    const { plan, result } = await correct(layer, asked);
    const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
    expect(await layer.corrections.apply(plan.id, options, never)).toMatchObject({
      alreadyInForce: true,
      certificate: result.certificate,
    });
    expect(
      (
        await correct(
          layer,
          request('redact', where("sensor = 's2' and value > 5"), { ...agreed, idempotencyKey: 'key 2' }),
        )
      ).result.release,
    ).not.toBe(result.release);
    expect((await world.archive.head(readings.name)).redactions).toEqual([2, 3]);
    expect(await contentOf(world.store, (await liveEntry(world.store)).build)).toEqual(await rebuilt(world));
    expect(total(await counts(world))).toBeGreaterThan(0);
  });
});
