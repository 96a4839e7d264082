import { canonicalJson, parseDuration, type CanonicalValue } from '@twofold/schemas';
import { schemaText } from '@twofold/serving-api';
import { tableStatements } from '@twofold/view-store-cassandra';
import {
  duckdbSql,
  expressionText,
  foldSql,
  sparkSql,
  type Project,
  type SqlColumn,
  type SqlDialect,
  type View,
} from '@twofold/views';
import { durationText } from '../check/duration-text.ts';
import { CliError } from '../errors.ts';
import { loadProject } from '../load-project.ts';
import { EXIT, print, SCHEMA_VERSION } from '../output.ts';

export interface CompileOptions {
  readonly sql?: string;
  /** Only this level's statement. */
  readonly level?: string;
  readonly sdl?: boolean;
  readonly cql?: boolean;
  /** Alone: the declaration; else what is asked for, as a document. */
  readonly json: boolean;
  readonly keyspace: string;
}

/** What a view's fold can be compiled for. */
const DIALECTS: readonly SqlDialect[] = [duckdbSql, sparkSql];

/** Prints one thing that a view is compiled to. @throws WRONG_USAGE */
export async function compile(projectFolder: string, name: string, options: CompileOptions): Promise<number> {
  const { project } = await loadProject(projectFolder);
  const view = viewOf(project, name);
  const { sql, sdl = false, cql = false, json } = options;
  const asked = [sql !== undefined, sdl, cql].filter(Boolean).length;
  if (asked > 1) throw new CliError('WRONG_USAGE', 'give one of --sql <engine>, --sdl, --cql');
  if (options.level !== undefined && sql === undefined)
    throw new CliError('WRONG_USAGE', '--level chooses one statement of --sql: give --sql too');
  if (sql !== undefined) return printSql(view, sql, options);
  if (sdl) {
    const text = schemaText([view], [view.stream]);
    print(json, { view: view.name, sdl: text }, () => [text]);
  } else if (cql) {
    const statements = tableStatements(options.keyspace);
    print(json, { view: view.name, statements }, () => cqlLines(project, view, statements));
  } else if (json) process.stdout.write(`${declarationText(view)}\n`);
  else
    throw new CliError(
      'WRONG_USAGE',
      'what shall the view be compiled to? Give --sql duckdb, --sql spark, --sdl, --cql or --json',
    );
  return EXIT.done;
}

/** @throws WRONG_USAGE naming the views there are */
function viewOf(project: Project, name: string): View {
  const found = project.views.find((view) => view.name === name);
  if (found !== undefined) return found;
  const known = project.views.map((view) => view.name).join(', ');
  throw new CliError('WRONG_USAGE', `project ${project.id} has no view ${name}. There are: ${known}.`);
}

/** The declaration as a tree, stream and fingerprints included: equal declarations, equal bytes. */
function declarationText(view: View): string {
  const plain = JSON.parse(JSON.stringify(view)) as CanonicalValue;
  return canonicalJson({ schemaVersion: SCHEMA_VERSION, view: plain });
}

function printSql(view: View, engine: string, { level, json }: CompileOptions): number {
  const dialect = DIALECTS.find((known) => known.engine === engine);
  if (dialect === undefined)
    throw new CliError(
      'WRONG_USAGE',
      `--sql ${engine}: there is no such engine. There are: ${DIALECTS.map((known) => known.engine).join(', ')}.`,
    );
  const levels = view.levels.filter(({ widthMs }) => level === undefined || widthMs === parseDuration(level));
  if (levels.length === 0) {
    const known = view.levels.map(({ widthMs }) => durationText(widthMs)).join(', ');
    throw new CliError('WRONG_USAGE', `view ${view.name} stores no level ${level ?? ''}. It stores: ${known}.`);
  }
  const relation = dialect.name(view.stream.name);
  const statements = levels.map(({ widthMs }) => ({
    level: durationText(widthMs),
    ...foldSql(view, { widthMs, relation, panes: null, sliceSize: null, dialect }),
  }));
  print(json, { view: view.name, engine, relation, statements }, () =>
    statements.flatMap(({ level: width, sql, columns }) => [
      `-- View ${view.name} version ${view.version}: panes of ${width}, over the archived positions of ${relation}`,
      ...columns.map((column) => `--   ${column.name} ${column.type}: ${columnText(view, column)}`),
      `${sql};`,
    ]),
  );
  return EXIT.done;
}

function columnText(view: View, { role, index }: SqlColumn): string {
  if (role === 'dimension') return `dimension ${view.dimensions[index]?.name ?? ''}`;
  if (role === 'pane')
    return view.window.kind === 'session'
      ? 'first event time of the interval, milliseconds since 1970'
      : 'start of the pane, milliseconds since 1970';
  const component = role === 'component' ? view.components[index] : undefined;
  if (component === undefined) return role;
  if (component.kind === 'lastTime') return 'last event time of the interval, milliseconds since 1970';
  if (component.kind === 'rows') return 'events';
  return 'of' in component ? `${component.kind} of ${expressionText(component.of)}` : component.kind;
}

/** The tables are those of all views: what is a view's own are its rows in them. */
function cqlLines(project: Project, { name, version, buckets }: View, statements: readonly string[]): string[] {
  return [
    `-- The tables of every view. Rows of this one: project = '${project.id}', "view" = '${name}', version = ${version},`,
    `-- spread over ${buckets} buckets; parts and builds are found by the ids in the control row.`,
    ...statements.map((statement) => `${statement.replace(/\n {7}/g, '\n  ')};`),
  ];
}
