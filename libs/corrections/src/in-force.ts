import { addedSourceOf, type Correction, type Targets } from './correction.ts';
import { unionOf, type Runs } from './runs.ts';

/** What a list of corrections makes of the archive: an applied event counts unless it is dropped. */
export interface Overlay<File = unknown> {
  /** The corrections that have an effect: those of the list that no later one takes back. */
  readonly effective: readonly Correction<File>[];
  /** By source: positions that do not count. */
  readonly dropped: ReadonlyMap<number, Runs>;
  /** Of them, those that redactions erased: the archive has no record there, or will have none. */
  readonly erased: ReadonlyMap<number, Runs>;
  /** Sources of rows that count, but for those dropped. */
  readonly added: readonly { readonly source: number; readonly rows: number; readonly file: File }[];
}

/** Nothing is corrected. */
export const noOverlay: Overlay<never> = { effective: [], dropped: new Map(), erased: new Map(), added: [] };

/**
 * The corrections of a list, in its order, without those that a later one of the list takes back; one that takes back
 * a taking back brings the first into force again. What takes back has no effect of its own.
 */
export function effectiveOf<File>(list: readonly Correction<File>[]): Correction<File>[] {
  return standingOf(list).filter(({ reverts }) => reverts === null);
}

/** The same with those that take others back: what can itself be taken back. */
export function standingOf<File>(list: readonly Correction<File>[]): Correction<File>[] {
  const off = new Set<string>();
  const standing: Correction<File>[] = [];
  for (const correction of [...list].reverse()) {
    if (off.has(correction.id)) continue;
    if (correction.reverts !== null) off.add(correction.reverts);
    standing.push(correction);
  }
  return standing.reverse();
}

/**
 * The overlay of a list. What counts is what is applied or added and not dropped by any effective correction: a union,
 * so that it does not depend on the order in which effects are put together.
 */
export function overlayOf<File>(
  list: readonly Correction<File>[],
  targetsOf: (correction: Correction<File>) => Targets,
): Overlay<File> {
  const effective = effectiveOf(list);
  const redactions = effective.filter(({ kind }) => kind === 'redact');
  const rewritten = new Map(redactions.flatMap(({ erases }) => erases?.added ?? []).map((each) => [each.number, each]));
  return {
    effective,
    dropped: runsBySource(effective, targetsOf),
    erased: runsBySource(redactions, targetsOf),
    added: effective.flatMap(({ number, added }) => {
      if (added === null) return [];
      const file = rewritten.get(number)?.file ?? added.file;
      return [{ source: addedSourceOf(number), rows: added.rows, file }];
    }),
  };
}

function runsBySource<File>(
  corrections: readonly Correction<File>[],
  targetsOf: (correction: Correction<File>) => Targets,
): ReadonlyMap<number, Runs> {
  const runs = new Map<number, Runs[]>();
  for (const correction of corrections)
    if (correction.targets !== null)
      for (const { source, runs: more } of targetsOf(correction)) runs.set(source, [...(runs.get(source) ?? []), more]);
  return new Map([...runs].map(([source, lists]) => [source, unionOf(lists)]));
}

/** Event time in which the contents of two lists may differ (E14): all that corrections in one list only touch. */
export function touchedBetween(a: readonly Correction[], b: readonly Correction[]): Runs {
  const inA = new Set(a.map(({ id }) => id));
  const inB = new Set(b.map(({ id }) => id));
  return unionOf([...a, ...b].filter(({ id }) => inA.has(id) !== inB.has(id)).map(({ touched }) => touched));
}

/** Starts of the buckets that hold some of this time, rising. */
export function bucketsOf(touched: Runs, bucketMs: number): number[] {
  const starts = new Set<number>();
  for (const [from, to] of touched)
    for (let start = Math.floor(from / bucketMs) * bucketMs; start < to; start += bucketMs) starts.add(start);
  return [...starts].sort((x, y) => x - y);
}
