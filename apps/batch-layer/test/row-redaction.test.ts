import { archivedRecords } from '@twofold/archive';
import { expect, test } from 'vitest';
import { correct, refusalOf } from './correcting.ts';
import { asked, CANARY, changes, countsOfOrders, orders, recordOf, some, startOrders, TOPICS } from './orders.ts';
import { control, never, START } from './sample.ts';

test('E21, E27: a row goes with all its restatements and all that was made of them, whichever of them was selected', async () => {
  const { world, layer } = await startOrders(some);
  const before = await countsOfOrders(world);
  const { plan, result } = await correct(layer, asked(`order = '${CANARY}' and amount = 6`));
  expect(plan.erases).toMatchObject({ rows: 1, counts: { applied: 3 }, derived: { stream: changes.name, changes: 4 } });
  const left = [...world.stored].filter(([, bytes]) => Buffer.from(bytes).includes(CANARY)).map(([name]) => name);
  expect(left).toEqual([]);
  expect(result.certificate?.counts).toMatchObject({ statesRemoved: 1 });
  expect(result.certificate?.places.map(({ place }) => place)).toContain(`operator of ${changes.name}`);
  // What is erased of the change stream adds up to nothing: of its windows only those are other ones that held nothing.
  const after = await countsOfOrders(world);
  expect(before.length).toBe(after.length + 1);
  expect(after).toEqual(before.filter((row) => !row.startsWith(CANARY)));
  const row = await control(world.store);
  expect(Object.values(row.redactions ?? {}).every(({ release }) => release !== null)).toBe(true);
  const archived = archivedRecords(world.archive, () => orders);
  const [blanks] = await archived.blanks(TOPICS.orders, 0);
  expect(blanks?.rows?.get(blanks.hashOf(JSON.stringify([CANARY])))).toBe(3);
  expect(await refusalOf(layer.corrections.plan(asked(`order = '${CANARY}'`), never))).toBe('NOTHING_MATCHES');
  // Applied again it says so, and the stream that no view reads goes on.
  const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
  expect(await layer.corrections.apply(plan.id, options, never)).toMatchObject({ alreadyInForce: true });
  for (const name of [orders.name, changes.name])
    for await (const fault of world.archive.verify(name)) expect(fault).toBe(null);
});

test('E27: a row that holds is refused, and so is a change stream by itself; nothing is changed', async () => {
  const { world, layer } = await startOrders(some);
  const { sequence } = await control(world.store);
  expect(await refusalOf(layer.corrections.plan(asked(`order = 'o1'`), never))).toBe('ROW_HELD');
  expect(await refusalOf(layer.corrections.plan(asked(`order = '${CANARY}'`, changes.name), never))).toBe(
    'CORRECTION_INVALID',
  );
  expect((await control(world.store)).sequence).toBe(sequence);
  expect(await world.archive.corrections(orders.name).list()).toEqual([]);
});

test('E26: what the operator has not done yet can not be erased', async () => {
  const { world, layer } = await startOrders(some);
  const more = { order: 'o3', revision: 1, op: 'state', at: START, amount: 1 };
  await world.log.append(TOPICS.orders, [recordOf(more, 'o3')]);
  expect(await refusalOf(layer.corrections.plan(asked(`order = '${CANARY}'`), never))).toBe('SPEED_BEHIND');
});
