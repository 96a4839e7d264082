import type { CorrectionKind } from '@twofold/corrections';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { correct, refusalOf, request, rows, start, where } from './correcting.ts';
import { changes, orders, shop, some, startOrders } from './orders.ts';
import { control, event, never, project, readings, START, TOPIC } from './sample.ts';

const row = { order: 'o9', revision: 1, op: 'state', at: START, amount: 1 };

test('E27: neither a stream of restatements nor what is made of it is corrected, and the refusal says what to send instead', async () => {
  const { world, layer } = await startOrders(some);
  const before = await control(world.store);
  const given = new TextEncoder().encode(JSON.stringify(row));
  for (const [stream, said] of [
    [orders.name, /operator makes order-changes.*Send a restatement of the row to stream orders, with a higher/],
    [changes.name, /half of a row.*Send a restatement of the row to stream orders, with a higher revision/],
  ] as const)
    for (const kind of ['retract', 'replace', 'add'] as const satisfies readonly CorrectionKind[]) {
      const asked = kind === 'add' ? {} : where("order = 'o1'");
      const more = { stream, rows: kind === 'retract' ? null : given };
      const work = layer.corrections.plan(request(kind, asked, more), never);
      await expect(work).rejects.toMatchObject({
        code: 'CORRECTION_INVALID',
        message: expect.stringMatching(said) as unknown,
      });
    }
  // Half a pair, by its place.
  const half = request('retract', { partition: 0, offsets: { from: 0, to: 1 } }, { stream: changes.name });
  expect(await refusalOf(layer.corrections.plan(half, never))).toBe('CORRECTION_INVALID');
  expect(await control(world.store)).toEqual(before);
  for (const { name } of [orders, changes]) expect(await world.archive.corrections(name).list()).toEqual([]);
});

test('E27: a change stream is folded again as it is', async () => {
  const { layer } = await startOrders(some);
  const { result } = await correct(layer, request('restate', where("order = 'o1'"), { stream: changes.name }));
  expect(result.diff?.views[0]).toMatchObject({ rowsChanged: 0, rowsAdded: 0, rowsRemoved: 0 });
});

test('E20: of a stream that no view reads nothing is corrected: it would be in force nowhere', async () => {
  const { world, layer } = await startOrders(some);
  const unread = new BatchLayer(
    { ...shop, streams: [...shop.streams, { stream: readings, topic: TOPIC }] },
    world.ports,
  );
  await world.log.ensureTopic(TOPIC, { partitions: 1 });
  await world.log.append(TOPIC, [event('s1', START, 1), event('s2', START, 1)]);
  await unread.archiveAll(never);
  const refused = /No view reads stream readings/;
  await expect(unread.corrections.plan(request('retract', where("sensor = 's1'")), never)).rejects.toThrow(refused);
  const added = request('add', {}, { rows: rows(event('s3', START, 1)) });
  await expect(unread.corrections.plan(added, never)).rejects.toThrow(refused);
  const restated = request('restate', where("order = 'o1'"), { stream: orders.name });
  await expect(layer.corrections.plan(restated, never)).rejects.toThrow(/No view reads stream orders/);
});

test('E20: a plan from before its stream lost its views is not applied', async () => {
  const { world, layer } = await start(60);
  const { id, fingerprint } = await layer.corrections.plan(request('retract', where("sensor = 's1'")), never);
  const without = new BatchLayer({ ...project(), views: [] }, world.ports);
  const options = { fingerprint, gates: [], preview: false };
  expect(await refusalOf(without.corrections.apply(id, options, never))).toBe('CORRECTION_INVALID');
  expect(await world.archive.corrections(readings.name).list()).toEqual([]);
  expect((await layer.corrections.apply(id, options, never)).release).not.toBeNull();
});
