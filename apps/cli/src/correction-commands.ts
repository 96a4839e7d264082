import type { Command } from 'commander';
import { whole, type AddCommand } from './command-call.ts';
import type { ApplyFlags } from './commands/apply.ts';
import type { CorrectFlags, NoteFlags } from './commands/correct.ts';
import type { ReplayFlags } from './commands/dead-letters.ts';
import { CliError } from './errors.ts';
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
    .option('--source <correction>', 'rows that a correction added, in the place of a partition')
    .option('--offsets <from:to>', 'with --partition or --source: only these positions, the last one not included')
    .option('--id <json...>', 'events by id: a JSON object of the id fields')
    .option('--ids <file>', 'a file with one id a line, or - for stdin')
    .option('--rows <file>', 'add, replace: a file with one event a line, or - for stdin')
    .option('--set <assignment...>', 'replace: what is set in the events that match: "temperature = temperature - 2.5"')
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
    .option('--shown <diff>', 'promote only what this difference says, as --preview has shown it')
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
  add(
    'retire <view>',
    'take a view that the project declares no more out of what is read',
    places,
    async ({ project, values, json }, view = '') =>
      (await import('./commands/releases.ts')).retireView(project, values, json, view),
  );
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

/** Commands about rejected records. */
export function addDeadLetterCommands(add: AddCommand, places: readonly (keyof CliSettings)[]): void {
  const letters = add<ReplayFlags & { limit: string; before?: string }>(
    'deadletter <action> <stream> [place]',
    'rejected records: list them, show one, or replay them, mended, as a correction that adds them',
    places,
    async ({ project, values, json, options }, action = '', stream = '', place = '') => {
      const { listLetters, replayLetters, showLetter } = await import('./commands/dead-letters.ts');
      if (action === 'list')
        return listLetters(project, values, json, stream, { ...options, limit: whole('--limit', options.limit) });
      if (action === 'show') return showLetter(project, values, json, stream, place);
      if (action === 'replay') return replayLetters(project, values, json, stream, options);
      throw new CliError('WRONG_USAGE', `write twofold deadletter list, show or replay, not ${action}`);
    },
  );
  letters
    .option('--code <code>', 'only letters that were rejected for it: WRONG_TYPE, OUT_OF_RANGE, …')
    .option('--field <field>', 'only letters that were rejected for this field')
    .option('--at <places...>', 'only these, partition:offset')
    .option('--limit <n>', 'list: letters shown', '20')
    .option('--before <place>', 'list: those that come after this one: the last of the page before')
    .option('--all', 'replay: every letter of the stream', false)
    .option('--transform <steps>', 'replay: how they are mended, steps parted by ;')
    .option('--partial', 'replay: leave out letters that are no events even so', false)
    .option('--allow-known', 'replay: also letters whose id an event has already', false)
    .addHelpText('after', transformHelp);
  noted(letters, false);
}

const transformHelp = `
Steps of --transform, each on a key of the message; what can not be done to a message leaves it as it is:

  set <key> = <json>       default <key> = <json>     drop <key>          rename <key> to <key>
  number <key>             text <key>                 trim <key>          scale <key> by <number>
  replace "<text>" by "<text>" in <key>

  twofold deadletter replay readings --code WRONG_TYPE --reason "a text" --transform 'replace "," by "." in heat; number heat'

What is planned is shown, and applied by twofold apply like any correction.`;

function noted(command: Command, required = true): Command {
  const why = 'why: it is kept with the correction';
  return (required ? command.requiredOption('--reason <text>', why) : command.option('--reason <text>', why))
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
  twofold apply <plan> --fingerprint <print> --shown <diff>
  twofold rollback <release>, or twofold revert <correction> --reason "it was dry after all"

redact erases for good, in every place: events, duplicates, corrected ones, rejected records, releases, plans. Somebody
else than its author has to agree (--approver), and nothing takes it back:

  twofold correct redact readings --where "sensor = 'a7'" --reason "ticket 12" --approver bob
  twofold apply <plan> --fingerprint <print>     ends with the certificate; cut short, it is repeated
  twofold scan a7

--set takes fields, numbers, 'texts', true, false, null, + - * /, brackets, abs, round, lower, upper and trim; a time is
moved by a duration ("at = at + '1h'"). What is not set keeps every digit.

replace without anything to select by replaces the events that have the ids of the rows.`;
