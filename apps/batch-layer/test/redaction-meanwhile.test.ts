import type { ColumnArchive } from '@twofold/archive';
import { describe, expect, test } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { correct, refusalOf, request, rows, start, where } from './correcting.ts';
import { control, event, never, perSensor, project, readings, START, TOPIC, type World } from './sample.ts';

const CANARY = 'canary';
const agreed = { approver: 'bob', reason: 'ticket 12' };
const redact = (key: string, sensor = CANARY): ReturnType<typeof request> =>
  request('redact', where(`sensor = '${sensor}'`), { ...agreed, idempotencyKey: key });
const addCanary = request('add', {}, { rows: rows(event(CANARY, START + 90_000, 1)) });

async function withCanary(): Promise<{ world: World; layer: BatchLayer }> {
  const { world, layer } = await start(200);
  await world.log.append(TOPIC, [event(CANARY, START + 1_000, 5)]);
  await layer.recompute([perSensor], never);
  return { world, layer };
}

const apply = (layer: BatchLayer, plan: { readonly id: string; readonly fingerprint: string }, preview = false) =>
  layer.corrections.apply(plan.id, { fingerprint: plan.fingerprint, gates: [], preview }, never);

const filesWith = ({ stored }: World, text: string): string[] =>
  [...stored].filter(([, bytes]) => Buffer.from(bytes).includes(text)).map(([name]) => name);

/** The same archive, in which something happens once, just before a link of a kind is appended. */
function before(archive: ColumnArchive, kind: string, happens: () => Promise<unknown>): ColumnArchive {
  let waits = true;
  const corrections: ColumnArchive['corrections'] = (stream) => {
    const shelf = archive.corrections(stream);
    return Object.assign(Object.create(shelf) as typeof shelf, {
      append: async (link: Parameters<typeof shelf.append>[0]) => {
        if (waits && link.kind === kind) {
          waits = false;
          await happens();
        }
        return shelf.append(link);
      },
    });
  };
  return Object.assign(Object.create(archive) as ColumnArchive, { corrections });
}

/** The same archive, in which whoever appends a link of a kind dies with it. */
function dyingAfter(archive: ColumnArchive, kind: string): ColumnArchive {
  const corrections: ColumnArchive['corrections'] = (stream) => {
    const shelf = archive.corrections(stream);
    return Object.assign(Object.create(shelf) as typeof shelf, {
      append: async (link: Parameters<typeof shelf.append>[0]) => {
        const appended = await shelf.append(link);
        if (link.kind === kind) throw new Error('killed');
        return appended;
      },
    });
  };
  return Object.assign(Object.create(archive) as ColumnArchive, { corrections });
}

async function faultsOf({ archive }: World): Promise<string[]> {
  const faults: string[] = [];
  for await (const { detail } of archive.verify(readings.name)) faults.push(detail);
  return faults;
}

describe('a redaction beside corrections', () => {
  test('E20, E21: rows that a correction added after the plan, in force or not, are not left: it is planned again', async () => {
    const { world, layer } = await withCanary();
    const plan = await layer.corrections.plan(redact('key 1'), never);
    const added = await layer.corrections.plan(addCanary, never);
    // A preview is appended, and brings nothing into force.
    await apply(layer, added, true);
    const row = await control(world.store);
    expect(await refusalOf(apply(layer, plan))).toBe('PLAN_CHANGED');
    expect(await control(world.store)).toEqual(row);
    const { result } = await correct(layer, redact('key 2'));
    expect(result.certificate?.correction).toBe(result.correction);
    expect(filesWith(world, CANARY)).toEqual([]);
  });

  test('E20, E21: rows that are appended between its link and its beginning are not left either', async () => {
    const { world, layer } = await withCanary();
    const plan = await layer.corrections.plan(redact('key 1'), never);
    const added = await layer.corrections.plan(addCanary, never);
    const ports = { ...world.ports, archive: before(world.archive, 'redact', () => apply(layer, added, true)) };
    const row = await control(world.store);
    expect(await refusalOf(apply(new BatchLayer(project(), ports), plan))).toBe('PLAN_CHANGED');
    expect((await control(world.store)).releases).toEqual(row.releases);
    await correct(layer, redact('key 2'));
    expect(filesWith(world, CANARY)).toEqual([]);
  });

  test('E20, E21: a correction that was planned before it adds no rows, and leaves none', async () => {
    const { world, layer } = await withCanary();
    const added = await layer.corrections.plan(addCanary, never);
    const ports = { ...world.ports, archive: before(world.archive, 'add', () => correct(layer, redact('key 1'))) };
    expect(await refusalOf(apply(new BatchLayer(project(), ports), added))).toBe('PLAN_CHANGED');
    expect(filesWith(world, CANARY)).toEqual([]);
    expect((await world.archive.corrections(readings.name).list()).map(({ kind }) => kind)).toEqual(['redact']);
  });

  test('E21: rows whose apply died before a link named them are removed', async () => {
    const { world, layer } = await withCanary();
    const added = await layer.corrections.plan(addCanary, never);
    const dies = (): Promise<never> => Promise.reject(new Error('killed'));
    const ports = { ...world.ports, archive: before(world.archive, 'add', dies) };
    await expect(apply(new BatchLayer(project(), ports), added)).rejects.toThrow('killed');
    const files = filesWith(world, CANARY);
    expect(files.filter((name) => !/\/documents\/(plan|rows|diff|restatements)-/.test(name)).length).toBe(2);
    await correct(layer, redact('key 1'));
    expect(filesWith(world, CANARY)).toEqual([]);
  });

  test('E20, E21: a link that lands when the redaction has taken effect is overtaken, and stands in nobody’s way', async () => {
    const { world, layer } = await withCanary();
    const plan = await layer.corrections.plan(redact('key 1'), never);
    const dying = { ...world.ports, archive: dyingAfter(world.archive, 'redact') };
    await expect(apply(new BatchLayer(project(), dying), plan)).rejects.toThrow('killed');
    // Planned when the redaction had its link and had not begun, and appended so late that its rows are gone.
    const added = await layer.corrections.plan(addCanary, never);
    const late = { ...world.ports, archive: before(world.archive, 'add', () => apply(layer, plan)) };
    expect(await refusalOf(apply(new BatchLayer(project(), late), added))).toBe('PLAN_CHANGED');
    expect((await world.archive.corrections(readings.name).list()).map(({ kind }) => kind)).toEqual(['redact', 'add']);
    expect(filesWith(world, CANARY)).toEqual([]);
    expect(await faultsOf(world)).toEqual([]);
    expect(await refusalOf(apply(layer, added))).toBe('PLAN_UNKNOWN');
    const { result } = await correct(layer, redact('key 2', 's1'));
    expect(result.certificate?.correction).toBe(result.correction);
    expect(await faultsOf(world)).toEqual([]);
  });

  test('E20: what was planned after a redaction took effect is not overtaken by it', async () => {
    const { world, layer } = await withCanary();
    await correct(layer, redact('key 1'));
    const { result } = await correct(layer, addCanary);
    expect(result.release).not.toBeNull();
    expect(filesWith(world, CANARY)).not.toEqual([]);
    expect(await faultsOf(world)).toEqual([]);
  });
});
