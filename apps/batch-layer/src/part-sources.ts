import type { EventTimes } from '@twofold/archive';
import { outsideOf, unionOf, type Runs } from '@twofold/corrections';
import type { PartEntry } from '@twofold/view-store';
import type { ViewProjection } from '@twofold/views';

/** Where a part belongs: the panes `[from, to)` of one level, milliseconds of event time. */
export interface PartPlace {
  readonly widthMs: number;
  readonly from: number;
  readonly to: number;
}

/** Panes `[from, to)` of a part, and what they are made of. */
export type PartSource = EventTimes &
  (
    | /** Archived events, folded. */ { readonly kind: 'archive' }
    | /** The base's part of the same place, as it is: nothing has changed in these panes. */ {
        readonly kind: 'base';
        readonly part: PartEntry;
      }
    | /** Panes of a finer level of the same build, summed. */ { readonly kind: 'level'; readonly widthMs: number }
    | /** Panes of another view of the same run, which determines this one, summed. */ {
        readonly kind: 'view';
        readonly projection: ViewProjection;
        readonly parts: readonly PartEntry[];
      }
  );

/** What a build has of a level. */
export interface KnownLevel {
  readonly widthMs: number;
  /** Where its panes are known: what lies there outside of its parts has no event. */
  readonly known: Runs;
}

/** Stretches of one part that are folded by themselves: each may open every file anew. */
const MOST_STRETCHES = 16;

/**
 * What a part is made of, rising and without a gap: of the base's part where nothing has changed, of the next finer level
 * that knows all of a pane where one does, and of the archive for the rest. By the laws of partials each gives the same.
 *
 * @param changed event time in which something may have changed since the base
 * @param base the base's part of this place; null: all of it may have changed
 * @param finer from fine to coarse
 */
export function sourcesOf(
  { widthMs, from, to }: PartPlace,
  changed: Runs,
  base: PartEntry | null,
  finer: readonly KnownLevel[],
): readonly PartSource[] {
  const whole: Runs = [[from, to]];
  const anew = base === null ? whole : within(outward(changed, widthMs), from, to);
  const sources: PartSource[] = [];
  let left = anew;
  for (const level of [...finer].reverse()) {
    const known = both(left, inward(level.known, widthMs));
    sources.push(
      ...known.map(([start, end]) => ({ kind: 'level' as const, widthMs: level.widthMs, from: start, to: end })),
    );
    left = less(left, known);
  }
  if (left.length > MOST_STRETCHES) return [{ kind: 'archive', from, to }];
  sources.push(...left.map(([start, end]) => ({ kind: 'archive' as const, from: start, to: end })));
  if (base !== null)
    sources.push(
      ...less(whole, anew).map(([start, end]) => ({ kind: 'base' as const, part: base, from: start, to: end })),
    );
  return sources.sort((a, b) => a.from - b.from);
}

export function covers(runs: Runs, from: number, to: number): boolean {
  return outsideOf(runs, from, to).length === 0;
}

/** Is it folded from the archive and nothing else? */
export function isFolded({ sources }: { readonly sources: readonly PartSource[] }): boolean {
  return sources.length === 1 && sources[0]?.kind === 'archive';
}

/** Every pane that touches one of the runs. */
function outward(runs: Runs, widthMs: number): Runs {
  return unionOf([runs.map(([from, to]) => [floored(from, widthMs), ceiled(to, widthMs)] as const)]);
}

/** Every pane that lies in one of the runs. */
function inward(runs: Runs, widthMs: number): Runs {
  return runs
    .map(([from, to]) => [ceiled(from, widthMs), floored(to, widthMs)] as const)
    .filter(([from, to]) => from < to);
}

/** The last multiple of a width at or before an instant. */
export function floored(at: number, widthMs: number): number {
  return Math.floor(at / widthMs) * widthMs;
}

function ceiled(at: number, widthMs: number): number {
  // Not -0, which is no time.
  return Math.ceil(at / widthMs) * widthMs + 0;
}

function within(runs: Runs, from: number, to: number): Runs {
  return both(runs, [[from, to]]);
}

function less(runs: Runs, others: Runs): Runs {
  return runs.flatMap(([from, to]) => outsideOf(others, from, to));
}

function both(runs: Runs, others: Runs): Runs {
  return less(runs, less(runs, others));
}
