import { noLimit } from '@twofold/views';
import { expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { rollBackTo } from '../src/corrections/roll-back.ts';
import { correct, refusalOf, request, rows, S1_IN_MINUTES_10_TO_20, start, where } from './correcting.ts';
import { changes, orders, shop, some, startOrders } from './orders.ts';
import { control, event, never, perSensor, project, readings, START, TOPIC } from './sample.ts';

const preview = ({ fingerprint }: { readonly fingerprint: string }) => ({ fingerprint, gates: [], preview: true });

test('E20: the same request under the same key is the same plan, until it is in force', async () => {
  const { layer } = await start(200);
  const asked = request('retract', S1_IN_MINUTES_10_TO_20);
  const first = await layer.corrections.plan(asked, never);
  const looked = await layer.corrections.apply(first.id, preview(first), never);
  expect(await layer.corrections.plan(asked, never)).toEqual(first);
  const gate = { ...noLimit, name: 'few', maxRows: 0, severity: 'block' as const };
  const blocked = { ...preview(first), gates: [gate], preview: false };
  expect(await refusalOf(layer.corrections.apply(first.id, blocked, never))).toBe('GATE_BLOCKED');
  const { plan, result } = await correct(layer, asked);
  expect([plan.id, result.correction]).toEqual([first.id, looked.correction]);
  await expect(layer.corrections.plan(asked, never)).rejects.toMatchObject({
    code: 'KEY_USED',
    message: expect.stringMatching(
      new RegExp(`${result.correction}.* in force: .*nothing is left to be done`),
    ) as unknown,
    facts: { correction: result.correction },
  });
  const note = { ...asked, idempotencyKey: 'back' };
  const back = await layer.corrections.planRevert(result.correction, note, never);
  await layer.corrections.apply(back.id, preview(back), never);
  expect(await layer.corrections.planRevert(result.correction, note, never)).toEqual(back);
});

test('E20: another request under a used key is refused, and told what to apply, or that nothing can be', async () => {
  const { world, layer } = await start(200);
  const key = { idempotencyKey: 'one key' };
  const first = await layer.corrections.plan(request('retract', S1_IN_MINUTES_10_TO_20, key), never);
  // A key is used by what is applied, if only for a look.
  const other = request('retract', where("sensor = 's2'"), key);
  expect(await refusalOf(layer.corrections.plan(other, never))).toBe('null');
  await layer.corrections.apply(first.id, preview(first), never);
  const told = async (asked = other): Promise<string> =>
    layer.corrections.plan(asked, never).then(String, (error: unknown) => String(error));
  expect(await told()).toMatch(new RegExp(`not in force; to bring it into force, apply plan ${first.id}`));
  expect(await told(request('retract', S1_IN_MINUTES_10_TO_20, { ...key, reason: 'other words' }))).toMatch(first.id);
  const applied = await correct(layer, request('retract', S1_IN_MINUTES_10_TO_20, key));
  await rollBackTo({ release: applied.result.diff?.base ?? '', views: null }, project(), world.ports, never);
  // Put back, it is open again.
  expect((await layer.corrections.plan(request('retract', S1_IN_MINUTES_10_TO_20, key), never)).id).toBe(first.id);
});

test('E20: a plan under a used key that can not be applied any more is refused', async () => {
  const { layer } = await start(200);
  const asked = request('retract', S1_IN_MINUTES_10_TO_20);
  const first = await layer.corrections.plan(asked, never);
  await layer.corrections.apply(first.id, preview(first), never);
  await correct(layer, request('retract', where("sensor = 's2' and value > 9")));
  await expect(layer.corrections.plan(asked, never)).rejects.toThrow(/not in force, and its plan can not be applied/);
});

test('E20: one key is one correction over all streams, whichever is applied first', async () => {
  const { world } = await startOrders(some);
  const both = { ...shop, streams: [...shop.streams, { stream: readings, topic: TOPIC }] };
  const layer = new BatchLayer({ ...both, views: [...shop.views, { ...perSensor, name: 'other' }] }, world.ports);
  await world.log.ensureTopic(TOPIC, { partitions: 1 });
  await world.log.append(TOPIC, [event('s1', START, 1), event('s2', START, 1)]);
  await layer.recompute([...shop.views, { ...perSensor, name: 'other' }], never);
  const key = { idempotencyKey: 'one key' };
  const ofOthers = request('restate', where("order = 'o1'"), { ...key, stream: changes.name });
  const added = request('add', {}, { ...key, rows: rows(event('s3', START, 1)) });
  const [first, second] = [await layer.corrections.plan(ofOthers, never), await layer.corrections.plan(added, never)];
  const options = { ...preview(second), preview: false };
  expect((await layer.corrections.apply(second.id, options, never)).release).not.toBeNull();
  expect((await layer.corrections.apply(second.id, options, never)).alreadyInForce).toBe(true);
  const { sequence } = await control(world.store);
  const refused = /KEY_USED|belongs to correction .* of stream readings/;
  await expect(layer.corrections.apply(first.id, preview(first), never)).rejects.toThrow(refused);
  await expect(layer.corrections.plan(ofOthers, never)).rejects.toThrow(refused);
  expect((await control(world.store)).sequence).toBe(sequence);
  expect(await world.archive.corrections(orders.name).list()).toEqual([]);
});

test('E21: a redaction that is asked for again is told which plan finishes it, and keeps nothing of what was asked', async () => {
  const { layer } = await start(100);
  const asked = request('redact', where("sensor = 's1'"), {
    approver: 'bob',
    reason: 'ticket 12',
    idempotencyKey: 'k',
  });
  const { plan } = await correct(layer, asked);
  expect(plan.requested).toBeUndefined();
  await expect(layer.corrections.plan(asked, never)).rejects.toMatchObject({
    code: 'KEY_USED',
    message: expect.stringMatching(new RegExp(`by applying plan ${plan.id} again`)) as unknown,
  });
});
