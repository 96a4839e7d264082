import { archivedRecords } from '@twofold/archive';
import { nothingSelected } from '@twofold/corrections';
import { changeFields, enumeration, instant, int, stream, text, upsert } from '@twofold/schemas';
import { operatorLane, operatorStateName } from '@twofold/view-store';
import { count, decodeChunk, decodeKey, sum, tumbling, view, type View } from '@twofold/views';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { correct, refusalOf, where } from './correcting.ts';
import { control, liveEntry, never, START, surroundings, type World } from './sample.ts';

const CANARY = 'canary';
const TOPICS = { orders: 'orders-log', changes: 'changes-log' };

const orders = stream('orders', {
  fields: {
    order: text().maxLength(16),
    revision: int(),
    op: enumeration(['state', 'delete']).optional(),
    at: instant('ms'),
    amount: int().optional(),
  },
  id: ['order', 'revision', 'at'],
  eventTime: 'at',
  partitionKey: 'order',
  skew: null,
  dedupeHorizon: 24,
  sliceSize: 16,
});
const changes = upsert('order-changes', {
  of: orders,
  key: ['order'],
  revision: 'revision',
  operation: { field: 'op', deletes: ['delete'] },
});
const perOrder: View = view('perSensor', {
  from: changes,
  version: 1,
  dimensions: (e) => ({ order: e.order }),
  window: tumbling('1m'),
  measures: (e) => ({ rows: count(), amount: sum(e.amount) }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['order'] }],
});

const encoder = new TextEncoder();

/** Orders of the live batch side, with how many changes are in each pane. */
async function counts({ store }: World): Promise<string[]> {
  const { build } = await liveEntry(store);
  const index = build === null ? null : await store.parts.index(build);
  const found: string[] = [];
  for (const part of index?.parts ?? [])
    for (let number = 0; number < part.chunks; number++) {
      const bytes = (await store.parts.chunk(part.part, number)) ?? new Uint8Array(0);
      const { keys, keyOfRow, columns } = decodeChunk(perOrder, bytes);
      const [rows] = columns.components;
      for (let row = 0; row < columns.count; row++) {
        const key = keys[keyOfRow[row] ?? 0] ?? new Uint8Array(0);
        found.push(`${String(decodeKey(perOrder, key)[0])} ${rows?.kind === 'count' ? rows.values[row] : '?'}`);
      }
    }
  return found.sort();
}

interface Stated {
  readonly order: string;
  readonly revision: number;
  readonly amount: number | null;
}

const recordOf = (value: object, order: string, partition = 0) => ({
  key: encoder.encode(order),
  value: encoder.encode(JSON.stringify(value)),
  partition,
});

/** Restatements and what an operator makes of them; amount null takes the row away. */
async function start(stated: readonly Stated[]) {
  const world = surroundings(3);
  for (const topic of Object.values(TOPICS)) await world.log.ensureTopic(topic, { partitions: 1 });
  const held = new Map<string, object>();
  for (const [offset, { order, revision, amount }] of stated.entries()) {
    const at = START + offset * 1_000;
    const op = amount === null ? 'delete' : 'state';
    await world.log.append(TOPICS.orders, [recordOf({ order, revision, op, at, amount }, order)]);
    const [before, after] = [held.get(order), amount === null ? undefined : { order, revision, at, amount }];
    const pair = [
      ...(before === undefined ? [] : [[-1, before] as const]),
      ...(after === undefined ? [] : [[1, after] as const]),
    ];
    for (const [ordinal, [sign, row]] of pair.entries()) {
      const { sign: s, offset: o, ordinal: n } = changeFields;
      await world.log.append(TOPICS.changes, [recordOf({ ...row, [s]: sign, [o]: offset, [n]: ordinal }, order)]);
    }
    if (after === undefined) held.delete(order);
    else held.set(order, after);
  }
  const states = {
    list: async (name: string) => [...world.stored.keys()].filter((each) => each.startsWith(`operators/${name}/`)),
    remove: async (name: string) => void world.stored.delete(name),
  };
  const state = operatorStateName({ next: stated.length, redactions: 0, logs: 'ab12' });
  world.stored.set(`operators/${changes.name}/0/print/${state}`, encoder.encode(`{}\n["${CANARY}"]\t[3,null]`));
  const streams = [
    { stream: orders, topic: TOPICS.orders },
    { stream: changes, topic: TOPICS.changes },
  ];
  const layer = new BatchLayer({ id: 'p', streams, views: [perOrder] }, { ...world.ports, states });
  await layer.recompute([perOrder], never);
  const told = { ...operatorLane(changes), partition: 0, lane: 'base' as const, next: stated.length };
  await world.store.progress.write([{ ...told, maxEventTime: null, lastLogTime: null, caughtUpAt: null }]);
  return { world, layer };
}

const asked = (condition: string, streamName = orders.name) => ({
  ...{ stream: streamName, kind: 'redact' as const, selection: { ...nothingSelected, ...where(condition) } },
  ...{ rows: null, everything: false, reason: 'ticket 12', ticket: null, author: 'ann', approver: 'bob' },
  idempotencyKey: `key of ${condition.length}`,
});

const some: readonly Stated[] = [
  { order: CANARY, revision: 1, amount: 5 },
  { order: 'o1', revision: 1, amount: 7 },
  { order: CANARY, revision: 2, amount: 6 },
  { order: 'o1', revision: 2, amount: 8 },
  { order: CANARY, revision: 3, amount: null },
  { order: 'o2', revision: 1, amount: 1 },
];

test('E21, E27: a row goes with all its restatements and all that was made of them, whichever of them was selected', async () => {
  const { world, layer } = await start(some);
  const before = await counts(world);
  const { plan, result } = await correct(layer, asked(`order = '${CANARY}' and amount = 6`));
  expect(plan.erases).toMatchObject({ rows: 1, counts: { applied: 3 }, derived: { stream: changes.name, changes: 4 } });
  const left = [...world.stored].filter(([, bytes]) => Buffer.from(bytes).includes(CANARY)).map(([name]) => name);
  expect(left).toEqual([]);
  expect(result.certificate?.counts).toMatchObject({ statesRemoved: 1 });
  expect(result.certificate?.places.map(({ place }) => place)).toContain(`operator of ${changes.name}`);
  // What is erased of the change stream adds up to nothing: of its windows only those are other ones that held nothing.
  const after = await counts(world);
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
  const { world, layer } = await start(some);
  const { sequence } = await control(world.store);
  expect(await refusalOf(layer.corrections.plan(asked(`order = 'o1'`), never))).toBe('ROW_HELD');
  expect(await refusalOf(layer.corrections.plan(asked(`order = '${CANARY}'`, changes.name), never))).toBe(
    'CORRECTION_INVALID',
  );
  expect((await control(world.store)).sequence).toBe(sequence);
  expect(await world.archive.corrections(orders.name).list()).toEqual([]);
});

test('E26: what the operator has not done yet can not be erased', async () => {
  const { world, layer } = await start(some);
  const more = { order: 'o3', revision: 1, op: 'state', at: START, amount: 1 };
  await world.log.append(TOPICS.orders, [recordOf(more, 'o3')]);
  expect(await refusalOf(layer.corrections.plan(asked(`order = '${CANARY}'`), never))).toBe('SPEED_BEHIND');
});
