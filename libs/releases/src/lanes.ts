import type { ControlRow } from './control-row.ts';
import { ceilTo, cutAt, floorTo, foldedEntries, viewVersionKey } from './lookup.ts';

/** `base`, `wide:<level>` ("merged through", E24), or `remainder:<cut>`. */
export type LaneName = 'base' | `wide:${number}` | `remainder:${number}`;

/** One fold (E2): the chain of base slices of (view version, partition), or one remainder of it. */
export interface Lane {
  readonly view: string;
  readonly version: number;
  readonly stream: string;
  readonly partition: number;
  readonly name: LaneName;
  /** First position folded. */
  readonly start: number;
  /** One past the last; null: it has no end. */
  readonly end: number | null;
}

/** Fan-in of a wide slice (E24): sealed slices are merged by this many, level by level. */
export const WIDE_FAN_IN = 16;

/** Exactly the lanes that the control row names for one partition (E2). */
export function lanesOf(row: ControlRow, stream: string, partition: number): readonly Lane[] {
  const state = row.streams[stream];
  if (state === undefined || partition >= state.origins.length) return [];
  const lanes = new Map<string, Lane>();
  for (const entry of foldedEntries(row)) {
    if (entry.stream !== stream) continue;
    const { view, version } = entry;
    const floor = cutAt(row.floors[viewVersionKey(entry)] ?? entry.cut, partition, state.origins);
    const cut = cutAt(entry.cut, partition, state.origins);
    const of = { view, version, stream, partition };
    lanes.set(`${viewVersionKey(entry)}|base`, {
      ...of,
      name: 'base',
      start: ceilTo(floor, state.sliceSize),
      end: null,
    });
    if (cut % state.sliceSize !== 0) {
      const name: LaneName = `remainder:${cut}`;
      lanes.set(`${viewVersionKey(entry)}|${name}`, { ...of, name, start: cut, end: ceilTo(cut, state.sliceSize) });
    }
  }
  return [...lanes.values()];
}

/**
 * Where a lane's fold starts again (E6): at the start of its open slice, which is read anew; a lane without progress
 * at its first position, a finished one nowhere.
 */
export function resumeAt(lane: Lane, progress: number | null, sliceSize: number): number | null {
  if (lane.end !== null && progress !== null && progress >= lane.end) return null;
  if (lane.end !== null || progress === null) return lane.start;
  return Math.max(lane.start, floorTo(progress, sliceSize));
}
