import { noLimit, type Gate } from '@twofold/views';
import { CliError } from '../errors.ts';
import { correcting } from '../open-correcting.ts';
import { EXIT, print } from '../output.ts';
import { certificateLines, diffLines } from '../plan-lines.ts';
import type { CliSettings } from '../settings.ts';

export interface ApplyFlags {
  readonly fingerprint?: string;
  readonly preview: boolean;
  readonly shown?: string;
  readonly maxChange?: string;
  readonly maxRows?: string;
}

/** Applies what a plan showed: builds, compares, holds against the gates, promotes. */
export async function apply(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  plan: string,
  flags: ApplyFlags,
): Promise<number> {
  const { fingerprint, preview, shown = null } = flags;
  if (fingerprint === undefined)
    throw new CliError(
      'WRONG_USAGE',
      `say which plan you looked at: --fingerprint <print>, as twofold plan ${plan} shows it`,
    );
  const gates = gatesOf(flags);
  const { result, planned } = await correcting(projectFolder, values, async ({ layer, signal }) => {
    const { effects } = await layer.corrections.planOf(plan);
    const sum = (of: 'recordsToRead' | 'rowsToWrite'): number =>
      effects.reduce((all, each) => all + (each[of] ?? 0), 0);
    const estimate = { recordsToRead: sum('recordsToRead'), rowsToWrite: sum('rowsToWrite') };
    return {
      result: await layer.corrections.apply(plan, { fingerprint, preview, shown, gates }, signal),
      planned: estimate,
    };
  });
  print(json, { plan, planned, ...result }, () => {
    if (result.certificate !== null)
      return [
        ...(result.alreadyInForce ? [`this redaction was finished before; ${sinceThen(result.facts)}`] : []),
        ...certificateLines(result.certificate),
        `To look whether a text is left anywhere: twofold scan <text>`,
      ];
    if (result.alreadyInForce) return [`correction ${result.correction} is in force already; nothing was changed`];
    const { partsBuilt = 0, partsShared = 0, recordsRead = 0, rowsWritten = 0 } = result.facts;
    return [
      ...(result.diff === null ? [] : diffLines(result.diff)),
      '',
      `${partsBuilt} parts were made anew from ${recordsRead} archived records (planned: ${planned.recordsToRead}), in ${rowsWritten} rows (planned: ${planned.rowsToWrite}); ${partsShared} parts are shared`,
      result.release === null
        ? notPromoted(plan, flags, result.diff?.id ?? null)
        : `Release ${result.release} is live. To go back: twofold rollback ${result.diff?.base ?? '<release>'}, or twofold revert ${result.correction}`,
    ];
  });
  return EXIT.done;
}

function notPromoted(plan: string, { fingerprint = '', preview }: ApplyFlags, diff: string | null): string {
  if (!preview) return 'Nothing was promoted.';
  const shown =
    diff === null ? '' : ` To apply just this: twofold apply ${plan} --fingerprint ${fingerprint} --shown ${diff}`;
  return `Nothing was promoted: this was a preview.${shown}`;
}

function sinceThen({ repeatsErased = 0 }: Readonly<Record<string, number>>): string {
  return repeatsErased === 0
    ? 'nothing was changed'
    : `${repeatsErased} records with which an operator had repeated erased changes since then are erased too`;
}

function gatesOf({ maxChange, maxRows }: ApplyFlags): Gate[] {
  const any = { ...noLimit, severity: 'block' } as const;
  const gates: Gate[] = [];
  if (maxChange !== undefined)
    gates.push({ ...any, name: '--max-change', maxRelativeChange: limitOf('--max-change', maxChange) });
  if (maxRows !== undefined) gates.push({ ...any, name: '--max-rows', maxRows: limitOf('--max-rows', maxRows) });
  return gates;
}

function limitOf(flag: string, text: string): number {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (number !== '') return percent === '%' ? Number(number) / 100 : Number(number);
  throw new CliError('WRONG_USAGE', `${flag} takes a number of 0 or more, such as 0.2 or 20%, not ${text}`);
}
