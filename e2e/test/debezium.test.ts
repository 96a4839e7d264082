import { OwnPlatform } from '@twofold/e2e';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PROJECT = `import { enumeration, instant, int, stream, text, upsert } from '@twofold/schemas';
import { count, project, sum, tumbling, view } from '@twofold/views';

const envelopes = stream('order-envelopes', {
  format: 'debezium',
  fields: {
    id: int(), customer: text().maxLength(40).optional(), amount: int().optional(),
    op: enumeration(['c', 'u', 'd', 'r']).from('$op'), lsn: int().from('$source.lsn'), at: instant('ms').from('$ts_ms'),
  },
  id: ['id', 'lsn'], eventTime: 'at', partitionKey: 'id', skew: null,
});
const orders = upsert('orders', {
  of: envelopes, key: ['id'], revision: 'lsn', operation: { field: 'op', deletes: ['d'] },
});

export default project('shop', {
  streams: [envelopes, orders],
  views: [view('perCustomer', {
    from: orders, version: 1, dimensions: (e) => ({ customer: e.customer }), window: tumbling('1h'),
    measures: (e) => ({ orders: count(), amount: sum(e.amount) }),
    levels: { '1h': 'forever' }, serve: [{ key: ['customer'] }],
  })],
});
`;

const shop = new OwnPlatform('cdc', PROJECT, 2);
beforeAll(() => shop.start(), 180_000);
afterAll(() => shop.end());

const at = Date.UTC(2026, 0, 1);

/** A change event, as the connector writes it: the row is stated by `after`, or taken away where that is null. */
function envelope(
  lsn: number,
  op: string,
  id: number,
  after: readonly [customer: string, amount: number] | null,
): object {
  const row = after === null ? null : { id, customer: after[0], amount: after[1] };
  const payload = { before: op === 'c' ? null : { id }, after: row, source: { db: 'shop', lsn }, op, ts_ms: at + lsn };
  return lsn % 2 === 0 ? payload : { schema: { type: 'struct' }, payload };
}

async function perCustomer(customer: string): Promise<[number, number] | null> {
  const query = `{ perCustomer(key: { customer: { eq: "${customer}" } }, grain: HOUR, first: 10
    timeRange: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00Z" }) { nodes { orders amount } } }`;
  const data = (await shop.ask(query)) as { perCustomer: { nodes: { orders: number; amount: number }[] } };
  const [row] = data.perCustomer.nodes;
  return row === undefined ? null : [Number(row.orders), Number(row.amount)];
}

const send = (events: readonly object[]): Promise<void> => shop.send('order-envelopes', events);

test('E27: envelopes sent to two partitions answer as the table does: the last of each row, none that is late or deleted', async () => {
  // Many rows, so that both partitions have some.
  const many = Array.from({ length: 40 }, (_, i) => i + 100);
  await send([
    envelope(10, 'c', 1, ['ann', 10]),
    envelope(30, 'u', 1, ['ann', 20]),
    envelope(40, 'c', 2, ['ann', 5]),
    envelope(20, 'u', 1, ['ann', 15]),
    envelope(51, 'd', 2, null),
    envelope(60, 'r', 3, ['bob', 7]),
    ...many.map((id) => envelope(id, 'c', id, ['carl', 1])),
    ...many.map((id) => envelope(id + 1_001, 'u', id, ['carl', 2])),
    ...many.slice(0, 10).map((id) => envelope(id + 2_000, 'd', id, null)),
  ]);
  await expect.poll(() => perCustomer('carl'), { timeout: 60_000 }).toEqual([30, 60]);
  await expect.poll(() => perCustomer('ann'), { timeout: 30_000 }).toEqual([1, 20]);
  expect(await perCustomer('bob')).toEqual([1, 7]);
  // Each with one more restatement, each alone: whichever turn it is, it goes where its row is.
  await send([envelope(3_000, 'u', 1, ['bob', 3])]);
  await send([envelope(3_001, 'd', 3, null)]);
  await expect.poll(() => perCustomer('ann'), { timeout: 30_000 }).toBe(null);
  await expect.poll(() => perCustomer('bob'), { timeout: 30_000 }).toEqual([1, 3]);
  const { operators } = JSON.parse(await shop.run('status', '--json')) as { operators: { positions: number[] }[] };
  expect(operators[0]?.positions.map((next) => next > 0)).toEqual([true, true]);
}, 300_000);
