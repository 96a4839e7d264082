import type { Level } from '@twofold/views';
import { ReadError } from './errors.ts';
import type { ReadRequest, WindowPlan } from './read-request.ts';

/**
 * The coarsest stored level that divides the window and its step (decisions: levels), and the panes that the asked
 * windows are summed from.
 * @throws GRAIN_NOT_EXPRESSIBLE, RANGE_INVALID
 */
export function planWindows(request: ReadRequest): WindowPlan {
  const { view, from, to, grainMs } = request;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from >= to)
    throw new ReadError(
      'RANGE_INVALID',
      `timeRange: from (${iso(from)}) must be before to (${iso(to)}); windows whose end is after from and not after to are given`,
    );
  const sizeMs = grainMs ?? view.window.sizeMs;
  const everyMs = grainMs ?? view.window.everyMs;
  const level = coarsestLevel(view.levels, sizeMs, everyMs);
  if (level === null)
    throw new ReadError(
      'GRAIN_NOT_EXPRESSIBLE',
      `view ${view.name} can not be read in windows of ${sizeMs} ms: its finest stored panes are ${view.levels[0]?.widthMs ?? 0} ms wide and do not divide it`,
    );
  const firstEnd = Math.floor(from / everyMs) * everyMs + everyMs;
  const lastEnd = Math.floor(to / everyMs) * everyMs;
  return {
    sizeMs,
    everyMs,
    widthMs: level.widthMs,
    retainMs: level.retainMs,
    paneFrom: firstEnd - sizeMs,
    paneBelow: lastEnd < firstEnd ? firstEnd - sizeMs : lastEnd,
  };
}

function coarsestLevel(levels: readonly Level[], sizeMs: number, everyMs: number): Level | null {
  let best: Level | null = null;
  for (const level of levels)
    if (sizeMs % level.widthMs === 0 && everyMs % level.widthMs === 0 && level.widthMs >= (best?.widthMs ?? 0))
      best = level;
  return best;
}

function iso(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}
