import type { Command } from 'commander';
import type { AddCommand } from './command-call.ts';
import type { ApplyFlags } from './commands/apply.ts';
import type { CorrectFlags, NoteFlags } from './commands/correct.ts';
import type { CliSettings } from './settings.ts';

/** The commands by which history is set right, in the order in which they are used. */
export function addCorrectionCommands(add: AddCommand, places: readonly (keyof CliSettings)[]): void {
  noted(
    add<CorrectFlags>(
      'correct <kind> <stream>',
      'plan a correction: retract, replace, add, restate or redact events; shows what it hits and changes nothing',
      places,
      async ({ project, values, json, options }, kind = '', stream = '') =>
        (await import('./commands/correct.ts')).correct(project, values, json, { kind, stream }, options),
    ),
  )
    .option('--where <condition>', 'events for which it holds: "sensor = \'a7\' and temperature > 120"')
    .option('--from <instant>', 'event time at or after, in UTC')
    .option('--to <instant>', 'event time before, in UTC')
    .option('--partition <n>', 'events of one partition of the log')
    .option('--offsets <from:to>', 'with --partition: only these positions, the last one not included')
    .option('--id <json...>', 'events by id: a JSON object of the id fields')
    .option('--ids <file>', 'a file with one id a line, or - for stdin')
    .option('--rows <file>', 'add, replace: a file with one event a line, or - for stdin')
    .option('--everything', 'every event that counts may be hit', false)
    .addHelpText('after', correctHelp);
  add('plan <id>', 'show a plan again, as it was made', places, async ({ project, values, json }, id = '') =>
    (await import('./commands/correct.ts')).showPlan(project, values, json, id),
  );
  add<ApplyFlags>(
    'apply <plan>',
    'apply what a plan showed: build, compare at one cut, hold against the gates, promote all views together',
    places,
    async ({ project, values, json, options }, plan = '') =>
      (await import('./commands/apply.ts')).apply(project, values, json, plan, options),
  )
    .option('--fingerprint <print>', 'of the plan, as it was shown')
    .option('--preview', 'build and compare, and promote nothing', false)
    .option('--max-change <share>', 'promote only when no value changes by more, such as 20%')
    .option('--max-rows <n>', 'promote only when no view changes in more rows');
  add(
    'certificate <correction>',
    'what a redaction erased, where, and when the last copy is gone',
    places,
    async ({ project, values, json }, correction = '') =>
      (await import('./commands/certificate.ts')).certificate(project, values, json, correction),
  );
  add(
    'scan <text>',
    'look for a text in every byte that is kept: log, archive, store, corrections; exits 3 when it is found',
    places,
    async ({ project, values, json }, text = '') =>
      (await import('./commands/scan.ts')).scan(project, values, json, text),
  );
  add('diff <release>', 'what a correction changed, by view', places, async ({ project, values, json }, release = '') =>
    (await import('./commands/releases.ts')).showDiff(project, values, json, release),
  );
  add('releases', 'releases that are kept, and every correction', places, async ({ project, values, json }) =>
    (await import('./commands/releases.ts')).releases(project, values, json),
  );
  add<{ views?: readonly string[]; letGo: boolean }>(
    'rollback [release]',
    'put an earlier release back, corrections included; live data go on being added',
    places,
    async ({ project, values, json, options }, release) =>
      (await import('./commands/releases.ts')).rollback(project, values, json, release, options),
  )
    .option('--views <names...>', 'only these views')
    .option('--let-go', 'let the views that a rollback holds be built and promoted again', false);
  noted(
    add<NoteFlags>(
      'revert <correction>',
      'plan the inverse of a correction that is in force',
      places,
      async ({ project, values, json, options }, correction = '') =>
        (await import('./commands/correct.ts')).revert(project, values, json, correction, options),
    ),
  );
}

function noted(command: Command): Command {
  return command
    .requiredOption('--reason <text>', 'why: it is kept with the correction')
    .option('--ticket <id>', 'where it was asked for')
    .option('--author <name>', 'who asks; your user name unless told')
    .option('--approver <name>', 'who agreed')
    .option('--key <text>', 'idempotency key: one key, one correction, however often it is sent');
}

const correctHelp = `
A correction hits the events that match and count now, below the end of the archive; it is never evaluated again, and
events that come later are not hit. The archive stays as it is. The order is

  twofold correct retract readings --where "sensor = 'a7'" --from 2026-03-01T12:00:00Z --to 2026-03-01T13:00:00Z --reason "wet"
  twofold apply <plan> --fingerprint <print> --preview
  twofold apply <plan> --fingerprint <print>
  twofold rollback <release>, or twofold revert <correction> --reason "it was dry after all"

redact erases for good, in every place: events, duplicates, corrected ones, rejected records, releases, plans. Somebody
else than its author has to agree (--approver), and nothing takes it back:

  twofold correct redact readings --where "sensor = 'a7'" --reason "ticket 12" --approver bob
  twofold apply <plan> --fingerprint <print>     ends with the certificate; cut short, it is repeated
  twofold scan a7

replace without anything to select by replaces the events that have the ids of the rows.`;
