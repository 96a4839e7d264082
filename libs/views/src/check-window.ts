import { checkDuration } from './check-settings.ts';
import type { WindowDraft } from './declare-window.ts';
import type { ReportProblem } from './errors.ts';
import type { Window } from './view.ts';
import { calendarGrains } from './zones/calendar.ts';
import { similarZones, zoneNamed, zoneTableVersion } from './zones/zone.ts';

/** The window in milliseconds; what could not be read is 0 or UTC, and reported. */
export function checkWindow(draft: WindowDraft, report: ReportProblem): Window {
  if (draft.kind === 'session') return { kind: 'session', gapMs: checkDuration('window', draft.gap, report) ?? 0 };
  if (draft.kind === 'calendar') {
    const { grain } = draft;
    if (!calendarGrains.includes(grain))
      report(
        'WINDOW_INVALID',
        'window.grain',
        `there is no grain '${String(grain)}'. Take one of ${calendarGrains.join(', ')}.`,
      );
    const zone = zoneNamed(draft.zone) ?? zoneNamed('UTC');
    if (zone?.name !== draft.zone) report('ZONE_UNKNOWN', 'window.zone', unknownZone(draft.zone));
    return { kind: 'calendar', grain, zone: draft.zone, offsets: zone?.digest ?? '' };
  }
  const tumbling = draft.kind === 'tumbling';
  const sizeMs = checkDuration(tumbling ? 'window' : 'window.size', draft.size, report) ?? 0;
  const everyMs = tumbling ? sizeMs : (checkDuration('window.every', draft.every, report) ?? 0);
  if (sizeMs > 0 && everyMs > sizeMs) {
    report(
      'WINDOW_INVALID',
      'window',
      `a window of ${draft.size} every ${draft.every} leaves out the events in between. Make 'every' at most the size.`,
    );
  }
  return { kind: draft.kind, sizeMs, everyMs };
}

/** Why a zone is refused, and which one may have been meant. */
export function unknownZone(name: string): string {
  const similar = similarZones(name).map((zone) => `'${zone}'`);
  const mend = similar.length === 0 ? "Write an IANA name: 'Europe/Berlin'." : `Did you mean ${similar.join(' or ')}?`;
  return `there is no time zone '${name}' in the tables (${zoneTableVersion}). ${mend}`;
}
