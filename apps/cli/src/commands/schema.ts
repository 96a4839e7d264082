import { readFileSync } from 'node:fs';
import { importJsonSchema, toJsonSchema, type ImportOptions, type Stream } from '@twofold/schemas';
import type { Project } from '@twofold/views';
import { CliError } from '../errors.ts';
import { loadProject } from '../load-project.ts';
import { EXIT, print, say } from '../output.ts';

/** Prints a stream's messages as JSON Schema, the document itself, with and without `--json`. */
export async function schema(projectFolder: string, name: string): Promise<number> {
  const { project } = await loadProject(projectFolder);
  process.stdout.write(`${JSON.stringify(toJsonSchema(streamOf(project, name)), null, 2)}\n`);
  return EXIT.done;
}

export interface SchemaImportFlags {
  readonly json: boolean;
  /** `decimal:3`, `float:-20`; null: numbers without a multipleOf are refused. */
  readonly numbers: string | null;
  readonly id: readonly string[] | null;
  readonly eventTime: string | null;
}

/**
 * Prints a JSON Schema as a stream's declaration, and on stderr what it takes otherwise; or lists what it can not take.
 * @throws WRONG_USAGE, SCHEMA_INVALID
 */
export function importSchema(file: string, name: string, flags: SchemaImportFlags): number {
  const options: ImportOptions = {
    ...(name === '' ? {} : { name }),
    ...(flags.id === null ? {} : { id: flags.id }),
    ...(flags.eventTime === null ? {} : { eventTime: flags.eventTime }),
    numbers: flags.numbers === null ? null : numberChoice(flags.numbers),
  };
  const { source, problems, notes } = importJsonSchema(readDocument(file), options);
  for (const { path, message } of flags.json ? [] : notes) say(`note: ${path} ${message}`);
  for (const { path, message } of flags.json ? [] : problems) say(`refused: ${path} ${message}`);
  if (flags.json || source !== null)
    print(flags.json, { source, problems, notes }, () => (source ?? '').trimEnd().split('\n'));
  return source === null ? EXIT.check : EXIT.done;
}

function readDocument(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('WRONG_USAGE', `--import ${file} can not be read: ${why}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('SCHEMA_INVALID', `${file} is no JSON: ${why}`);
  }
}

function numberChoice(given: string): NonNullable<ImportOptions['numbers']> {
  const [, kind, digits] = /^(decimal|float):(-?\d{1,3})$/.exec(given) ?? [];
  const value = Number(digits);
  if (kind === 'decimal' && value >= 0 && value <= 15) return { kind, scale: value };
  if (kind === 'float' && Math.abs(value) <= 100) return { kind, exponent: value };
  throw new CliError('WRONG_USAGE', `--numbers takes decimal:<0 to 15> or float:<-100 to 100>, not ${given}`);
}

/** @throws WRONG_USAGE naming the streams there are */
function streamOf(project: Project, name: string): Stream {
  const found = project.streams.find((stream) => stream.name === name);
  if (found !== undefined) return found;
  const known = project.streams.map((stream) => stream.name).join(', ');
  throw new CliError(
    'WRONG_USAGE',
    `project ${project.id} has no stream ${name === '' ? 'without a name' : name}. There are: ${known}.`,
  );
}
