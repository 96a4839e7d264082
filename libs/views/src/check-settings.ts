import { plainSchedule, ScheduleError, type Schedule } from '@twofold/schedules';
import { parseDuration, SchemaError } from '@twofold/schemas';
import type { ReportProblem } from './errors.ts';
import type { View } from './view.ts';

/** A whole number from 1; reported otherwise. */
export function checkWhole(path: string, value: number, max: number, report: ReportProblem): number {
  if (!(Number.isInteger(value) && value >= 1 && value <= max))
    report('NUMBER_INVALID', path, `${value} is not a whole number from 1 to ${max}.`);
  return value;
}

/** Milliseconds, at least 1; null when it is reported. */
export function checkDuration(path: string, text: string, report: ReportProblem): number | null {
  try {
    const ms = parseDuration(text);
    if (ms > 0) return ms;
    report('DURATION_INVALID', path, `'${text}' has no length. Write at least '1ms'.`);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    report('DURATION_INVALID', path, error.message);
  }
  return null;
}

/** A cron expression becomes a schedule with the usual policies. */
export function checkSchedule(given: string | Schedule | null, report: ReportProblem): Schedule | null {
  if (given === null || typeof given === 'object') return given;
  try {
    return plainSchedule(given);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    report('SCHEDULE_INVALID', 'batch.schedule', error.message);
    return null;
  }
}

export function checkFreshness(
  freshness: { readonly warnAfter: string; readonly errorAfter: string },
  report: ReportProblem,
): View['freshness'] {
  const warnAfterMs = checkDuration('freshness.warnAfter', freshness.warnAfter, report);
  const errorAfterMs = checkDuration('freshness.errorAfter', freshness.errorAfter, report);
  if (warnAfterMs !== null && errorAfterMs !== null && errorAfterMs < warnAfterMs) {
    report(
      'FRESHNESS_INVALID',
      'freshness',
      `errorAfter (${freshness.errorAfter}) comes before warnAfter (${freshness.warnAfter}). Exchange them.`,
    );
  }
  return { warnAfterMs: warnAfterMs ?? 0, errorAfterMs: errorAfterMs ?? 0 };
}
