import { readFileSync } from 'node:fs';
import path from 'node:path';
import { nothingSelected, parseCondition, type ConditionValue, type Selection } from '@twofold/corrections';
import { CliError } from './errors.ts';

/** What the flags of `twofold correct` say of events. */
export interface SelectionFlags {
  readonly where?: string;
  readonly from?: string;
  readonly to?: string;
  readonly partition?: string;
  readonly offsets?: string;
  readonly id?: readonly string[];
  readonly ids?: string;
}

/** Throws WRONG_USAGE, CONDITION_INVALID. */
export function readSelection(flags: SelectionFlags): Selection {
  const { where, from, to, partition, offsets, id, ids } = flags;
  const given = [...(id ?? []).map((text) => parsed('--id', text)), ...(ids === undefined ? [] : idsIn(ids))];
  return {
    ...nothingSelected,
    where: where === undefined ? null : parseCondition(where),
    eventTime:
      from === undefined && to === undefined ? null : { from: instantOf('--from', from), to: instantOf('--to', to) },
    partition: partition === undefined ? null : wholeOf('--partition', partition),
    offsets: offsets === undefined ? null : offsetsOf(offsets),
    ids: id === undefined && ids === undefined ? null : given,
  };
}

/** A file's bytes. Throws WRONG_USAGE when it can not be read. */
export function bytesOf(flag: string, file: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(
      'WRONG_USAGE',
      `${flag}: ${file === '-' ? 'stdin' : path.resolve(file)} can not be read: ${reason}`,
      {
        cause,
      },
    );
  }
}

type Id = Readonly<Record<string, ConditionValue>>;

/** One id a line, as a JSON object of its fields. */
function idsIn(file: string): Id[] {
  const lines = new TextDecoder().decode(bytesOf('--ids', file)).split(/\r?\n/);
  return lines.flatMap((line, i) => (line.trim() === '' ? [] : [parsed(`--ids, line ${i + 1}`, line)]));
}

function parsed(where: string, text: string): Id {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && Object.values(value).every(isValue)) return value as Id;
  } catch {
    // Told below, with what is wanted.
  }
  throw new CliError(
    'WRONG_USAGE',
    `${where}: an id is a JSON object of the stream's id fields, such as {"sensor":"a7"}`,
  );
}

function isValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function instantOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new CliError(
    'WRONG_USAGE',
    `${flag} takes a day or an instant in UTC, such as 2026-03-01T12:00:00Z, not ${text}`,
  );
}

function wholeOf(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CliError('WRONG_USAGE', `${flag} takes a whole number, not ${text}`);
}

function offsetsOf(text: string): { readonly from: number; readonly to: number } {
  const [from = '', to = '', more] = text.split(':');
  if (more !== undefined) throw new CliError('WRONG_USAGE', `--offsets takes from:to, not ${text}`);
  return { from: wholeOf('--offsets', from), to: wholeOf('--offsets', to) };
}
