import { nothingSelected, parseCondition, type CorrectionKind, type Selection } from '@twofold/corrections';
import { TwofoldError } from '@twofold/schemas';
import { decodeChunk, decodeKey, type View } from '@twofold/views';
import { expect } from 'vitest';
import { BatchLayer } from '../src/batch-layer.ts';
import { buildView } from '../src/build-view.ts';
import { planView } from '../src/plan-view.ts';
import { Surveys } from '../src/surveys.ts';
import type { CorrectionRequest } from '../src/corrections/correction-request.ts';
import { loadList } from '../src/corrections/load-list.ts';
import {
  contentOf,
  control,
  events,
  foldSpeed,
  liveEntry,
  never,
  perSensor,
  project,
  readings,
  START,
  surroundings,
  TOPIC,
  type World,
} from './sample.ts';

export const text = new TextEncoder();

export async function start(many = 300, seed = 5): Promise<{ world: World; layer: BatchLayer }> {
  const world = surroundings(seed);
  await world.log.ensureTopic(TOPIC, { partitions: 2 });
  await world.log.append(TOPIC, events(many, seed));
  const layer = new BatchLayer(project(), world.ports);
  await layer.recompute([perSensor], never);
  await foldSpeed(world);
  return { world, layer };
}

export function request(
  kind: CorrectionKind,
  selection: Partial<Selection>,
  more: Partial<CorrectionRequest> = {},
): CorrectionRequest {
  return {
    stream: readings.name,
    kind,
    selection: { ...nothingSelected, ...selection },
    rows: null,
    everything: false,
    reason: 'the sensor was wet',
    ticket: null,
    author: 'ann',
    approver: null,
    idempotencyKey: `${kind} ${JSON.stringify(selection)}`,
    ...more,
  };
}

export const where = (condition: string): Partial<Selection> => ({ where: parseCondition(condition) });

export async function correct(layer: BatchLayer, asked: CorrectionRequest) {
  const plan = await layer.corrections.plan(asked, never);
  const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
  return { plan, result: await layer.corrections.apply(plan.id, options, never) };
}

/** What a build in one go, that shares nothing, makes of the live entry's cut and list. */
export async function rebuilt(world: World, view: View = perSensor): Promise<string[]> {
  const { archive, ports, store } = world;
  const entry = await liveEntry(store, view.name);
  const state = await archive.head(readings.name);
  const list = await loadList(archive, readings.name, entry.corrections);
  const origins = (await control(store)).streams[readings.name]?.origins ?? [];
  const task = { view, entry, base: null, state, origins, list, checked: new Set<string>() };
  const { plan, watermark } = await planView({ ...task, surveys: new Surveys(ports) }, ports, never);
  expect(plan.shared).toEqual([]);
  expect(watermark).toBe(entry.watermark);
  const build = `rebuilt-${ports.ids.next()}`;
  await buildView({ ...task, plan, build, candidate: build }, ports, never);
  return contentOf(store, build);
}

export async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof TwofoldError ? String(error.code) : String(error);
}

export const S1_IN_MINUTES_10_TO_20 = {
  ...where("sensor = 's1'"),
  eventTime: { from: START + 600_000, to: START + 1_200_000 },
};

/** Rows of the live batch side, as text: key, pane and counts. */
export async function counts(world: World): Promise<Map<string, number>> {
  const { build } = await liveEntry(world.store);
  const index = build === null ? null : await world.store.parts.index(build);
  const found = new Map<string, number>();
  for (const part of index?.parts ?? [])
    for (let number = 0; number < part.chunks; number++) {
      const { keys, keyOfRow, columns } = decodeChunk(
        perSensor,
        (await world.store.parts.chunk(part.part, number)) ?? new Uint8Array(0),
      );
      const [rows] = columns.components;
      for (let row = 0; row < columns.count; row++) {
        const key = keys[keyOfRow[row] ?? 0] ?? new Uint8Array(0);
        const value = rows?.kind === 'count' ? (rows.values[row] ?? 0) : 0;
        found.set(`${String(decodeKey(perSensor, key)[0])} ${((columns.panes[row] ?? 0) - START) / 60_000}`, value);
      }
    }
  return found;
}

export const total = (rows: ReadonlyMap<string, number>): number =>
  [...rows.values()].reduce((sum, value) => sum + value, 0);

export function rows(...lines: readonly { key: Uint8Array; value: Uint8Array }[]): Uint8Array {
  return text.encode(lines.map(({ value }) => new TextDecoder().decode(value)).join('\n'));
}
