import { Command, CommanderError, Option } from 'commander';
import { isTwofoldError } from '@twofold/schemas';
import { flagName } from '@twofold/service';
import { whole, type AddCommand, type Call } from './command-call.ts';
import { addCorrectionCommands, addDeadLetterCommands } from './correction-commands.ts';
import { addDeclarationCommands } from './declaration-commands.ts';
import { loadProject } from './load-project.ts';
import { addScheduleCommands } from './schedule-commands.ts';
import { EXIT, sayError } from './output.ts';
import { settings, type CliSettings } from './settings.ts';

/** Variables with our prefix that are not settings: the commit that runs names, and what tests and tools read. */
const FOREIGN_VARIABLES = [
  'TWOFOLD_COMMIT',
  'TWOFOLD_PYTHON',
  'TWOFOLD_TIDY_WORDS',
  'TWOFOLD_E2E_KILLS',
  'TWOFOLD_E2E_RATE',
  'TWOFOLD_E2E_SEED',
  'TWOFOLD_TEST_SERVICES',
  'TWOFOLD_TEST_THREE_NODES',
  'TWOFOLD_SERVICES_DATA',
  'TWOFOLD_SERVICES_ARTEFACTS',
  'TWOFOLD_SERVICES_NICE',
];

/** Settings that a flag can give: every one but the secrets. The rest comes by environment or file. */
const ALL = (Object.keys(settings.settings) as (keyof CliSettings)[]).filter((name) => !settings.settings[name].secret);

const named = (...parts: readonly string[]) => ALL.filter((name) => parts.some((part) => name.startsWith(part)));

/** Where things are: settings of every command that looks at them. */
const LOG = named('dataFolder', 'kafka', 'tlsAuthority');
const STORE = named('dataFolder', 'cassandra', 'tlsAuthority');
const PARTS = [...new Set([...LOG, ...STORE, ...named('archiveFolder')])];
const SPEED = [...PARTS, ...named('host', 'healthPort', 'partitions', 'flushEvery', 'webhookUrl', 'logLevel')];
const BATCH = [
  ...PARTS,
  ...named('host', 'healthPort', 'partitions', 'archiveEvery', 'schedule', 'engine', 'spark', 'logLevel'),
];
const CORRECTING = [...PARTS, ...named('engine', 'spark', 'logLevel')];
const SERVING = [...STORE, ...named('host', 'port', 'logLevel')];

/** Codes of errors that are in the command line, not in what it did. */
const USAGE: ReadonlySet<string> = new Set([
  ...['WRONG_USAGE', 'CONFIG_INVALID', 'PROJECT_NOT_FOUND', 'NAME_UNKNOWN', 'REQUEST_INVALID'],
]);

interface Common {
  readonly project: string;
  readonly json?: boolean;
}

/** Parses the command line, runs one command, and gives the exit code. Errors are told in one line, with their code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = describe((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    sayError(error);
    const usage = isTwofoldError(error) && USAGE.has(error.code);
    return usage ? EXIT.usage : EXIT.failed;
  }
}

function describe(done: (exitCode: number) => void): Command {
  const program = new Command('twofold')
    .description('A Lambda platform: one view definition, live and from history, added at an exact cut.')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(twofold help shows every command)');
  const add: AddCommand = <Options>(
    usage: string,
    about: string,
    names: readonly (keyof CliSettings)[],
    run: (call: Call<Options>, ...args: string[]) => Promise<number> | number,
  ): Command => {
    const command = program.command(usage).description(about).exitOverride();
    command
      .option('--project <folder>', 'folder of twofold.config.ts', '.')
      .option('--json', 'one JSON document instead of lines for people');
    for (const name of names) command.addOption(settingOption(name));
    return command.action(async (...given: unknown[]) => {
      const options = command.opts<Common & Record<string, unknown>>();
      const args = given.slice(0, command.registeredArguments.length) as string[];
      const config = await readConfig(options);
      done(
        await run(
          {
            project: options.project,
            json: options.json === true,
            config,
            values: config.values,
            options: options as Options,
          },
          ...args,
        ),
      );
    });
  };
  add('dev', 'run speed layer, batch layer and API over an embedded log and store', ALL, async ({ project, values }) =>
    (await import('./commands/dev.ts')).dev(project, values),
  );
  add('speed', 'run the speed layer alone: from the log to the speed views', SPEED, async ({ project, values }) =>
    (await import('./commands/speed-layer.ts')).speedLayer(project, values),
  ).alias('speed-layer');
  add('batch', 'run the batch layer alone: archive, schedule, releases', BATCH, async ({ project, values }) =>
    (await import('./commands/batch-layer.ts')).batchLayer(project, values),
  ).alias('batch-layer');
  add('serve', 'run the GraphQL API alone', SERVING, async ({ project, values }) =>
    (await import('./commands/serving-api.ts')).servingApi(project, values),
  ).alias('serving-api');
  add(
    'send <stream> [file]',
    'append events, one JSON object a line, from a file or - for stdin',
    [...LOG, 'partitions', 'logLevel'],
    async ({ project, values, json }, stream = '', file = '-') =>
      (await import('./commands/send.ts')).send(project, values, stream, file, json),
  );
  add<{ url: string }>(
    'query <document>',
    'send a GraphQL document to a running API',
    ['host', 'port'],
    async ({ json, options, values }, document = '') =>
      (await import('./commands/query.ts')).query(
        options.url ?? `http://${values.host}:${values.port}/graphql`,
        document,
        json,
      ),
  ).option('--url <url>', 'address of the API');
  add<{ limit: string }>(
    'status',
    'release, positions, ledger and dead letters',
    PARTS,
    async ({ project, values, json, options }) =>
      (await import('./commands/status.ts')).status(project, values, json, whole('--limit', options.limit)),
  ).option('--limit <n>', 'dead letters shown for each stream', '5');
  addScheduleCommands(add, STORE);
  add(
    'verify',
    'check every frame of the log, and every archive file against its manifest',
    PARTS,
    async ({ project, values, json }) => (await import('./commands/verify.ts')).verify(project, values, json),
  );
  addDeclarationCommands(add, PARTS);
  addCorrectionCommands(add, CORRECTING);
  addDeadLetterCommands(add, CORRECTING);
  add(
    'config <explain>',
    'config explain: every setting, its value and where it came from',
    ALL,
    async ({ config, json }) => (await import('./commands/config-explain.ts')).configExplain(config, json),
  );
  add<{ once: boolean; rate: string; extract: boolean; data?: string; everyFile: boolean }>(
    'example <name>',
    'run an example project with its data',
    ALL,
    async ({ values, config, options }, name = '') =>
      (await import('./commands/example.ts')).example(name, values, config, {
        once: options.once,
        rate: whole('--rate', options.rate),
        extract: options.extract,
        data: options.data ?? null,
        everyFile: options.everyFile,
      }),
  )
    .option('--once', 'end after comparing the answers with the oracle and with what is known of the data', false)
    .option('--data <dir>', 'folder of the full data of an example that is made of published files')
    .option(
      '--every-file',
      'with --once: compare each of those files with the oracle, also between two that are here',
      false,
    )
    .option('--extract', 'only the data that come with the example', false)
    .option('--rate <n>', 'generated events a second', '1000');
  return program;
}

function settingOption(name: keyof CliSettings): Option {
  const { description, fallback } = settings.settings[name];
  const told = fallback === undefined || fallback.text === '' ? '' : ` (default: ${fallback.text})`;
  return new Option(`${flagName(name)} <value>`, `${description}${told}`);
}

/** Flags before environment before the project's file before defaults. */
async function readConfig(options: Common & Record<string, unknown>): Promise<ReturnType<typeof settings.read>> {
  const flags: Record<string, unknown> = {};
  for (const name of Object.keys(settings.settings)) if (options[name] !== undefined) flags[name] = options[name];
  const file = await loadProject(options.project).then(
    (loaded) => loaded.settings,
    () => ({}),
  );
  return settings.read({ flags, environment: process.env, file, alsoKnown: FOREIGN_VARIABLES });
}
