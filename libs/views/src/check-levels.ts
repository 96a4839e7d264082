import { checkDuration } from './check-settings.ts';
import type { ReportProblem } from './errors.ts';
import type { CalendarWindow, FixedWindow, Level, Window } from './view.ts';
import { durationText, longestWindowMs, windowText } from './window-of.ts';
import { calendarOf } from './zones/calendar.ts';

/** More levels than this would only be stored, never chosen. */
const mostLevels = 8;

interface DeclaredLevel extends Level {
  readonly width: string;
  readonly retain: string;
}

/** Levels from fine to coarse: they nest, the finest divides the window, and coarser ones are kept at least as long. */
export function checkLevels(
  declared: Readonly<Record<string, string>>,
  window: Window,
  report: ReportProblem,
): readonly Level[] {
  const levels: DeclaredLevel[] = [];
  for (const [width, retain] of Object.entries(declared)) {
    const widthMs = checkDuration(`levels.${width}`, width, report);
    const retainMs = retain === 'forever' ? null : checkDuration(`levels.${width}`, retain, report);
    if (widthMs !== null) levels.push({ width, retain, widthMs, retainMs });
  }
  levels.sort((a, b) => a.widthMs - b.widthMs);
  if (window.kind === 'session' && levels.length > 1)
    report(
      'LEVEL_INVALID',
      'levels',
      `has ${levels.length}. Sessions are stored in one level: its width is only that of the buckets they lie in. Keep '${levels[0]?.width ?? ''}'.`,
    );
  if (levels.length > mostLevels)
    report('LEVEL_INVALID', 'levels', `has ${levels.length}, above the most, ${mostLevels}.`);
  const finest = levels[0];
  if (finest !== undefined) checkFinest(finest, window, report);
  else if (Object.keys(declared).length === 0)
    report('LEVEL_INVALID', 'levels', "names no level. Store at least the finest: { '1s': '2d' }.");
  levels.forEach((level, i) => {
    const finer = levels[i - 1];
    if (finer !== undefined) checkPair(finer, level, report);
  });
  return levels.map(({ widthMs, retainMs }) => ({ widthMs, retainMs }));
}

/** A window has to be a sum of the finest panes, and those have to live as long as one window. */
function checkFinest(finest: DeclaredLevel, window: Window, report: ReportProblem): void {
  const path = `levels.${finest.width}`;
  if (window.kind === 'calendar') checkEdges(finest, window, report);
  else if (window.kind !== 'session') checkDivides(finest, window, report);
  const longest = longestWindowMs(window);
  if (finest.retainMs !== null && finest.retainMs < longest) {
    report(
      'RETENTION_INVALID',
      path,
      `panes of ${finest.width} are kept for ${finest.retain}, less than one window (${windowText(window)}: up to ${durationText(longest)}). Keep them longer.`,
    );
  }
}

/** Every hour or midnight of the zone has to be the edge of a pane. */
function checkEdges(finest: DeclaredLevel, window: CalendarWindow, report: ReportProblem): void {
  const widest = calendarOf(window.grain, window.zone)?.widestPaneMs ?? finest.widthMs;
  if (widest % finest.widthMs === 0) return;
  report(
    'LEVEL_DOES_NOT_DIVIDE',
    `levels.${finest.width}`,
    `panes of ${finest.width} do not meet the edges of every ${window.grain} in ${window.zone}, whose clock is or was ahead of or behind UTC by other than multiples of them. Panes of '${durationText(widest)}' do, and what divides it.`,
  );
}

function checkDivides(finest: DeclaredLevel, window: FixedWindow, report: ReportProblem): void {
  const path = `levels.${finest.width}`;
  for (const [what, ms] of [
    ['size', window.sizeMs],
    ['step', window.everyMs],
  ] as const) {
    if (ms === 0 || ms % finest.widthMs === 0) continue;
    const divisor = commonDivisor(window.sizeMs, window.everyMs);
    report(
      'LEVEL_DOES_NOT_DIVIDE',
      path,
      `panes of ${finest.width} do not divide the window's ${what} of ${ms} ms. The widest that divide size and step are '${divisor}ms'.`,
    );
  }
}

function checkPair(finer: DeclaredLevel, level: DeclaredLevel, report: ReportProblem): void {
  const path = `levels.${level.width}`;
  if (level.widthMs === finer.widthMs) {
    report('LEVELS_DO_NOT_NEST', path, `is as wide as '${finer.width}'. Drop one.`);
  } else if (level.widthMs % finer.widthMs !== 0) {
    report('LEVELS_DO_NOT_NEST', path, `${level.width} is no multiple of the finer level ${finer.width}.`);
  }
  if (level.retainMs !== null && (finer.retainMs === null || level.retainMs < finer.retainMs)) {
    report(
      'RETENTION_INVALID',
      path,
      `is kept for ${level.retain}, less long than the finer level ${finer.width} (${finer.retain}), so it would never be needed. Keep it longer or drop it.`,
    );
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
