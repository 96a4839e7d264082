import { TwofoldError } from '@twofold/schemas';

/** Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check failed, 4 stale or unhealthy. */
export const EXIT = { done: 0, failed: 1, usage: 2, check: 3, unhealthy: 4 } as const;

/** Version of the documents that `--json` prints. */
export const SCHEMA_VERSION = 1;

/** Data goes to stdout: one JSON document, or lines for people. */
export function print(
  json: boolean,
  document: Readonly<Record<string, unknown>>,
  lines: () => readonly string[],
): void {
  process.stdout.write(
    json
      ? `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...document }, jsonValue)}\n`
      : lines()
          .map((line) => `${line}\n`)
          .join(''),
  );
}

/** Talk goes to stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function sayError(error: unknown): void {
  if (error instanceof TwofoldError) say(`twofold: ${error.message} (${error.code})`);
  else say(`twofold: unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

/** Columns aligned for people. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function iso(ms: number | null): string {
  return ms === null ? '-' : new Date(ms).toISOString();
}

function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
