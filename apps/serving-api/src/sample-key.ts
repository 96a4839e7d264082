import { floorTo } from '@twofold/releases';
import type { ViewStore } from '@twofold/view-store';
import { createAccumulator, decodeKey, type View } from '@twofold/views';
import { keyText } from './value-forms.ts';

export interface Sample {
  /** A key that has events lately, by dimension; null: none was found. */
  readonly key: Readonly<Record<string, unknown>> | null;
  /** Largest event time that was applied; null: none. */
  readonly newest: number | null;
}

/** Something to ask a view for: a key of its newest slice, else of its build, and the time of its newest event. */
export async function sampleOf(view: View, store: ViewStore): Promise<Sample> {
  const records = await store.progress.read({ view: view.name, version: view.version });
  let newest: number | null = null;
  let key: Uint8Array | null = null;
  for (const { partition, lane, next, maxEventTime } of records) {
    if (lane !== 'base' || maxEventTime === null || (newest !== null && maxEventTime <= newest)) continue;
    newest = maxEventTime;
    key = (await keyOfSlice(view, store, partition, floorTo(Math.max(0, next - 1), view.stream.sliceSize))) ?? key;
  }
  key ??= await keyOfBuild(view, store);
  if (key === null) return { key: null, newest };
  const values = decodeKey(view, key);
  const named = view.dimensions.map(({ name, expr }, i) => [name, keyText(expr.type, values[i] ?? null)] as const);
  return { key: Object.fromEntries(named), newest };
}

async function keyOfSlice(view: View, store: ViewStore, partition: number, start: number): Promise<Uint8Array | null> {
  const of = { view: view.name, version: view.version, partition, buckets: null };
  const rows = await store.speedRows.read({ ...of, startFrom: start, startBelow: start + 1 });
  for (const { bytes } of rows) {
    const panes = createAccumulator(view, { widthMs: view.levels[0]?.widthMs ?? 1 });
    panes.addChunk(bytes);
    const piece = panes.toPieces(1)[0];
    if (piece !== undefined) return piece.firstKey;
  }
  return null;
}

async function keyOfBuild(view: View, store: ViewStore): Promise<Uint8Array | null> {
  const row = await store.control.read();
  const entry = Object.values(row?.entries ?? {}).findLast((one) => one.view === view.name && one.build !== null);
  const index = entry?.build == null ? null : await store.parts.index(entry.build);
  const part = index?.parts.findLast(({ chunks }) => chunks > 0);
  return part === undefined ? null : ((await store.parts.directory(part.part))[0]?.firstKey ?? null);
}
