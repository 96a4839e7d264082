import { nothingSelected } from '@twofold/corrections';
import type { AppendRecord } from '@twofold/event-log';
import { changeFields, enumeration, instant, int, stream, text, upsert } from '@twofold/schemas';
import { operatorLane, operatorStateName } from '@twofold/view-store';
import { count, decodeChunk, decodeKey, sum, tumbling, view, type View } from '@twofold/views';
import { BatchLayer } from '../src/batch-layer.ts';
import type { BatchProject } from '../src/ports.ts';
import { where } from './correcting.ts';
import { liveEntry, never, START, surroundings, type World } from './sample.ts';

export const CANARY = 'canary';
export const TOPICS = { orders: 'orders-log', changes: 'changes-log' };

export const orders = stream('orders', {
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
export const changes = upsert('order-changes', {
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

export const shop: BatchProject = {
  id: 'p',
  streams: [
    { stream: orders, topic: TOPICS.orders },
    { stream: changes, topic: TOPICS.changes },
  ],
  views: [perOrder],
};

const encoder = new TextEncoder();

/** Orders of the live batch side, with how many changes are in each pane. */
export async function countsOfOrders({ store }: World): Promise<string[]> {
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

export interface Stated {
  readonly order: string;
  readonly revision: number;
  readonly amount: number | null;
}

export const recordOf = (value: object, order: string, partition = 0) => ({
  key: encoder.encode(order),
  value: encoder.encode(JSON.stringify(value)),
  partition,
});

/** Restatements and what an operator makes of them; amount null takes the row away. */
export async function startOrders(stated: readonly Stated[]) {
  const world = surroundings(3);
  for (const topic of Object.values(TOPICS)) await world.log.ensureTopic(topic, { partitions: 1 });
  const held = new Map<string, object>();
  const emitted: AppendRecord[] = [];
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
      emitted.push(recordOf({ ...row, [s]: sign, [o]: offset, [n]: ordinal }, order));
    }
    if (after === undefined) held.delete(order);
    else held.set(order, after);
  }
  await world.log.append(TOPICS.changes, emitted);
  const states = {
    list: async (name: string) => [...world.stored.keys()].filter((each) => each.startsWith(`operators/${name}/`)),
    remove: async (name: string) => void world.stored.delete(name),
  };
  const state = operatorStateName({ next: stated.length, redactions: 0, logs: 'ab12' });
  world.stored.set(`operators/${changes.name}/0/print/${state}`, encoder.encode(`{}\n["${CANARY}"]\t[3,null]`));
  const ports = { ...world.ports, states };
  const layer = new BatchLayer(shop, ports);
  await layer.recompute([perOrder], never);
  const told = { ...operatorLane(changes), partition: 0, lane: 'base' as const, next: stated.length };
  await world.store.progress.write([{ ...told, maxEventTime: null, lastLogTime: null, caughtUpAt: null }]);
  return { world: { ...world, ports }, layer, emitted };
}

export const asked = (condition: string, streamName = orders.name) => ({
  ...{ stream: streamName, kind: 'redact' as const, selection: { ...nothingSelected, ...where(condition) } },
  ...{ rows: null, everything: false, reason: 'ticket 12', ticket: null, author: 'ann', approver: 'bob' },
  idempotencyKey: `key of ${condition.length}`,
});

export const some: readonly Stated[] = [
  { order: CANARY, revision: 1, amount: 5 },
  { order: 'o1', revision: 1, amount: 7 },
  { order: CANARY, revision: 2, amount: 6 },
  { order: 'o1', revision: 2, amount: 8 },
  { order: CANARY, revision: 3, amount: null },
  { order: 'o2', revision: 1, amount: 1 },
];
