import { Option } from 'commander';
import type { AddCommand } from './command-call.ts';
import { CliError } from './errors.ts';
import type { CliSettings } from './settings.ts';

interface CheckFlags {
  readonly write: boolean;
  readonly accept?: readonly string[];
  readonly rate?: string;
}

/** The commands that look at what a project declares: whoever changes a view safely needs them. */
export function addDeclarationCommands(add: AddCommand, places: readonly (keyof CliSettings)[]): void {
  add<CheckFlags>(
    'check',
    'compare what the project declares with twofold.lock.json; 3 when it differs',
    [...places, 'partitions', 'logLevel'],
    async ({ project, values, json, options }) =>
      (await import('./commands/check.ts')).check(project, values, json, {
        write: options.write,
        accept: options.accept ?? [],
        rate: options.rate === undefined ? null : ratePerSecond(options.rate),
      }),
  )
    .option('--write', 'update the lock file', false)
    .option('--accept <names...>', 'with --write: replace the locked version of these, which was never deployed')
    .option('--rate <n>', 'events a second of each stream, to tell slices and horizons as time')
    .addHelpText('after', checkHelp);
  add<{ sql?: string; sdl?: boolean; cql?: boolean; level?: string }>(
    'compile <view>',
    'print what a view is compiled to: SQL, GraphQL SDL, CQL, or (--json) its canonical declaration',
    ['cassandraKeyspace'],
    async ({ project, values, json, options }, view = '') =>
      (await import('./commands/compile.ts')).compile(project, view, {
        ...options,
        json,
        keyspace: values.cassandraKeyspace,
      }),
  )
    .option('--sql <engine>', 'the fold as the engine runs it, one statement a level: duckdb or spark')
    .option('--level <width>', 'with --sql: only this level, such as 1m')
    .option('--sdl', 'the GraphQL schema of an API that serves the view')
    .option('--cql', "the tables of the Cassandra store, and how the view's rows are found in them")
    .addHelpText('after', compileHelp);
  add<{ import?: string; numbers?: string; id?: readonly string[]; eventTime?: string }>(
    'schema [stream]',
    'print a stream as JSON Schema (draft 2020-12), or --import one as a typed declaration',
    [],
    async ({ project, json, options }, stream = '') => {
      if (options.import === undefined) return (await import('./commands/schema.ts')).schema(project, stream);
      return (await import('./commands/schema.ts')).importSchema(options.import, stream, {
        json,
        numbers: options.numbers ?? null,
        id: options.id ?? null,
        eventTime: options.eventTime ?? null,
      });
    },
  )
    .option('--import <file>', 'a JSON Schema file, or - for stdin')
    .addOption(
      new Option(
        '--numbers <kind>',
        'with --import: what numbers without a multipleOf become, decimal:<digits> or float:<exponent of the quantum>',
      ),
    )
    .option('--id <fields...>', 'with --import: the fields that together identify an event')
    .option('--event-time <field>', 'with --import: the field that says when an event happened')
    .addHelpText('after', schemaHelp);
}

/** @throws WRONG_USAGE */
function ratePerSecond(given: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(given) ?? [];
  const rate = Number(digits);
  if (rate > 0) return rate;
  throw new CliError('WRONG_USAGE', `--rate takes events a second, such as 10000 or 2.5/s, not ${given}`);
}

const checkHelp = `
Examples:
  twofold check                         what is declared, what changed, and whether the lock is current
  twofold check --rate 10000            the same, with slices and horizons as time at that rate
  twofold check --write                 lock new streams, views and versions; refused while there is an error
  twofold check --write --accept minute take a changed version that was never deployed

A declaration that changed under its version is an error: raise the version, and the new one is built beside the old.
Exit codes: 0 current, 1 failed, 2 wrong usage, 3 an error or a lock that is not current.`;

const compileHelp = `
Examples:
  twofold compile sensorMinute --sql duckdb --level 1m
  twofold compile sensorMinute --sql spark
  twofold compile sensorMinute --sdl > schema.graphql
  twofold compile sensorMinute --json | jq .view.measures`;

const schemaHelp = `
Examples:
  twofold schema sensor-readings > sensor-readings.schema.json
  twofold schema --import orders.schema.json --numbers decimal:2 --id orderId > streams/orders.ts
  twofold schema orders --import - < orders.schema.json

Keywords that a stream can not hold are listed with their path, and the import is refused (3); what is taken otherwise
than JSON Schema says is told on stderr.`;
