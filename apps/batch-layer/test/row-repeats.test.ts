import { columnsOf } from '@twofold/batch-engine';
import type { CorrectionPlan } from '@twofold/corrections';
import type { AppendRecord } from '@twofold/event-log';
import { changeFields, valueAt } from '@twofold/schemas';
import { expect, test } from 'vitest';
import type { BatchLayer } from '../src/batch-layer.ts';
import { correct } from './correcting.ts';
import { died, mortalLayer } from './mortal.ts';
import { asked, CANARY, changes, countsOfOrders, recordOf, shop, some, startOrders, TOPICS } from './orders.ts';
import { control, never, START, type World } from './sample.ts';

type Started = Awaited<ReturnType<typeof startOrders>>;

/** What an operator that stood still since before the plan has in hand: changes of one append, in order. */
const inHand = ({ emitted }: Started): AppendRecord[] => emitted.slice(0, 3);

/** What is left of the change stream in the archive: whose change it is, and the restatement that brought it. */
async function archivedChanges({ archive }: Pick<World, 'archive'>): Promise<string[]> {
  const fieldOf = (name: string): number => changes.fields.findIndex((field) => field.name === name);
  const found: string[] = [];
  for (const file of (await archive.head(changes.name)).files) {
    const archived = await archive.readColumns(changes, file);
    const columns = columnsOf(archived, { from: file.from, to: file.to, widthMs: 1, panes: null });
    for (let row = 0; row < columns.count; row++)
      found.push(`${valueAt(columns, fieldOf('order'), row)} ${valueAt(columns, fieldOf(changeFields.offset), row)}`);
  }
  return found.filter((each) => each.startsWith(CANARY));
}

async function planned(started: Started) {
  const plan = await started.layer.corrections.plan(asked(`order = '${CANARY}'`), never);
  return { plan, options: { fingerprint: plan.fingerprint, gates: [], preview: false } };
}

test('E21, E26: what an operator repeats above the cut goes before there is a certificate, and a row that is stated anew stays', async () => {
  const started = await startOrders(some);
  const { world, layer } = started;
  const { plan, options } = await planned(started);
  await world.log.append(TOPICS.changes, inHand(started));
  const at = START + 60_000;
  const [anew, place] = [{ order: CANARY, revision: 4, at, amount: 9 }, some.length];
  await world.log.append(TOPICS.orders, [recordOf({ ...anew, op: 'state' }, CANARY)]);
  const { sign, offset, ordinal } = changeFields;
  await world.log.append(TOPICS.changes, [recordOf({ ...anew, [sign]: 1, [offset]: place, [ordinal]: 0 }, CANARY)]);
  const { certificate } = await layer.corrections.apply(plan.id, options, never);
  expect(await archivedChanges(world)).toEqual([`${CANARY} ${place}`]);
  expect((await countsOfOrders(world)).filter((row) => row.startsWith(CANARY))).toEqual([`${CANARY} 1`]);
  expect(certificate).toMatchObject({ counts: { repeatsErased: 2 }, looked: { stream: changes.name, below: [12] } });
  const places = certificate?.places.map((each) => each.place) ?? [];
  expect(places).toContain(`repetitions in ${changes.name}`);
  // It speaks of what was made of the rows too, and of each place once.
  expect(places).toContain(`archive of ${changes.name}`);
  expect(new Set(places).size).toBe(places.length);
  for await (const fault of world.archive.verify(changes.name)) expect(fault).toBe(null);
});

test('E21, E26: what is repeated after the certificate goes when the same is applied again, and nothing is done where nothing came', async () => {
  const started = await startOrders(some);
  const { world, layer } = started;
  const { plan, result } = await correct(layer, asked(`order = '${CANARY}'`));
  expect(result.certificate?.counts).not.toHaveProperty('repeatsErased');
  const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
  // Somebody else's, who knows nothing of it, is left to redactions that show it.
  await world.log.append(TOPICS.changes, [{ key: null, value: new TextEncoder().encode('{'), partition: 0 }]);
  for (const repeated of [inHand(started), [], inHand(started)]) {
    if (repeated.length > 0) await world.log.append(TOPICS.changes, repeated);
    const before = await control(world.store);
    const again = await layer.corrections.apply(plan.id, options, never);
    expect(again).toMatchObject({ alreadyInForce: true, certificate: result.certificate });
    expect(again.facts).toEqual(repeated.length === 0 ? {} : { repeatsErased: 2 });
    expect(await archivedChanges(world)).toEqual([]);
    if (repeated.length === 0) expect((await control(world.store)).sequence).toBe(before.sequence);
  }
});

test('E21, E26: a later redaction of other rows takes what was repeated of earlier ones', async () => {
  const started = await startOrders([...some, { order: 'o2', revision: 2, amount: null }]);
  const { world, layer } = started;
  await correct(layer, asked(`order = '${CANARY}'`));
  await world.log.append(TOPICS.changes, inHand(started));
  const { result } = await correct(layer, { ...asked(`order = 'o2'`), idempotencyKey: 'another' });
  expect(result.certificate?.counts).toMatchObject({ repeatsErased: 2 });
  expect(await archivedChanges(world)).toEqual([]);
});

test('E21, E27: what was begun of another redaction, and not finished, is finished before it is looked', async () => {
  const started = await startOrders([...some, { order: 'o2', revision: 2, amount: null }]);
  const { world, layer } = started;
  const apply = (to: BatchLayer, { id, fingerprint }: { readonly id: string; readonly fingerprint: string }) =>
    to.corrections.apply(id, { fingerprint, gates: [], preview: false }, never);
  const derivedOf = ({ erases }: CorrectionPlan) => {
    const { plan = '', fingerprint = '' } = erases?.derived ?? {};
    return { id: plan, fingerprint };
  };
  const { plan: first } = await planned(started);
  await apply(layer, derivedOf(first));
  const second = await layer.corrections.plan({ ...asked(`order = 'o2'`), idempotencyKey: 'another' }, never);
  const isUnderWay = async () => (await control(world.store)).redactions?.[changes.name]?.release === null;
  for (let calls = 1; !(await isUnderWay()); calls++)
    expect(await died(apply(mortalLayer(world, shop, calls), derivedOf(second)))).toBe(true);
  expect((await apply(layer, first)).certificate?.looked?.stream).toBe(changes.name);
  expect(await isUnderWay()).toBe(false);
});

test('E21, E27: a redaction of rows that is cut short anywhere ends in the same when it is applied again, repetitions included', async () => {
  let deaths = 0;
  for (let calls = 1; ; calls += 11) {
    const started = await startOrders(some);
    const { world } = started;
    const { plan, options } = await planned(started);
    const before = (await countsOfOrders(world)).filter((row) => !row.startsWith(CANARY));
    await world.log.append(TOPICS.changes, inHand(started));
    const apply = (many: number) => mortalLayer(world, shop, many).corrections.apply(plan.id, options, never);
    const isDead = await died(apply(calls));
    expect((await countsOfOrders(world)).filter((row) => !row.startsWith(CANARY))).toEqual(before);
    if (isDead) deaths++;
    const { certificate } = await apply(Infinity);
    expect(certificate?.looked?.below).toEqual([11]);
    expect([...world.stored].filter(([, bytes]) => Buffer.from(bytes).includes(CANARY)).map(([name]) => name)).toEqual(
      [],
    );
    expect(await countsOfOrders(world)).toEqual(before);
    const row = await control(world.store);
    expect(Object.values(row.redactions ?? {}).every(({ release }) => release !== null)).toBe(true);
    for (const { stream } of shop.streams)
      for await (const fault of world.archive.verify(stream.name)) expect(fault).toBe(null);
    if (!isDead) break;
  }
  expect(deaths).toBeGreaterThan(20);
}, 120_000);
