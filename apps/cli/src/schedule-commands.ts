import { whole, type AddCommand } from './command-call.ts';
import type { CliSettings } from './settings.ts';

interface ByWhom {
  readonly by?: string;
  readonly reason?: string;
}

/** Commands about runs and their schedules. `names`: the settings that say where the store is. */
export function addScheduleCommands(add: AddCommand, names: readonly (keyof CliSettings)[]): void {
  const settings = [...names, 'schedule', 'logLevel'] as const;
  add<{ limit: string; view?: string; outcome?: string; before?: string }>(
    'runs [show] [run]',
    'history of batch runs, newest first; runs show <run>: all of one',
    settings,
    async ({ project, values, json, options }, show, run) => {
      const { showRun, runs } = await import('./commands/runs.ts');
      if (show !== undefined) return showRun(project, values, json, show, run);
      return runs(project, values, json, { ...options, limit: whole('--limit', options.limit) });
    },
  )
    .option('--limit <n>', 'runs shown', '20')
    .option('--view <view>', 'only runs of this view')
    .option('--outcome <state>', 'only runs in this state: succeeded, failed, waiting, …')
    .option('--before <run>', 'runs that come after this one in the list: the last of the page before');
  add(
    'schedules',
    'when views are recomputed, what is next, who holds it, and what is asked of it',
    settings,
    async (call) => (await import('./commands/schedules.ts')).schedules(call.project, call.values, call.json),
  );
  add<ByWhom>(
    'pause <schedule>',
    'start no more runs of a schedule, by its name or a view of it',
    settings,
    async (call, name = '') => (await import('./commands/ask-schedule.ts')).pauseSchedule(call, name),
  )
    .option('--reason <text>', 'why', '')
    .option('--by <name>', 'who asks for it; not given: the user of this system');
  add('resume <schedule>', 'start runs of a paused schedule again', settings, async (call, name = '') =>
    (await import('./commands/ask-schedule.ts')).resumeSchedule(call, name),
  );
  add<ByWhom & { pass?: readonly string[] }>(
    'retry <run>',
    'do again what failed of a run, at the cut that it had',
    settings,
    async (call, run = '') => (await import('./commands/ask-schedule.ts')).retryRun(call, run),
  )
    .option(
      '--pass <gates...>',
      'these gates are only told this time: somebody has looked at what they stopped; rejected: begin the run although too many events are rejected',
    )
    .option('--by <name>', 'who asks for it; not given: the user of this system');
  add<ByWhom & { from: string; to: string; piece?: string; rest: string }>(
    'backfill <view>',
    'build a range of event time again, newest first, a piece at a time, after what is due',
    settings,
    async (call, view = '') => (await import('./commands/ask-schedule.ts')).backfill(call, view),
  )
    .requiredOption('--from <time>', 'start of the range, ISO 8601')
    .requiredOption('--to <time>', 'end of the range, not included')
    .option('--piece <duration>', "event time of one run; not given: what the view's coarsest parts hold")
    .option('--rest <duration>', 'rest between pieces', '10s')
    .option('--by <name>', 'who asks for it; not given: the user of this system');
}
