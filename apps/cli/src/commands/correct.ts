import { userInfo } from 'node:os';
import { loadPlan } from '@twofold/batch-layer';
import { correctionKinds, type CorrectionKind, type CorrectionNote, type CorrectionPlan } from '@twofold/corrections';
import { CliError } from '../errors.ts';
import { openToLook } from '../look.ts';
import { correcting } from '../open-correcting.ts';
import { EXIT, print } from '../output.ts';
import { planLines } from '../plan-lines.ts';
import { bytesOf, readSelection, type SelectionFlags } from '../read-selection.ts';
import type { CliSettings } from '../settings.ts';

export interface NoteFlags {
  readonly reason?: string;
  readonly ticket?: string;
  readonly author?: string;
  readonly approver?: string;
  readonly key?: string;
}

export interface CorrectFlags extends SelectionFlags, NoteFlags {
  readonly rows?: string;
  readonly set?: readonly string[];
  readonly source?: string;
  readonly everything: boolean;
}

/** Plans a correction: what it hits is resolved and shown, and nothing that is served changes. */
export async function correct(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  of: { readonly kind: string; readonly stream: string },
  flags: CorrectFlags,
): Promise<number> {
  const kind = kindOf(of.kind);
  const selection = readSelection(flags);
  const rows = flags.rows === undefined ? null : bytesOf('--rows', flags.rows);
  const plan = await correcting(projectFolder, values, ({ layer, platform, signal }) => {
    const note = noteOf(flags, platform.ids.next());
    const { everything, set = null, source = null } = flags;
    const keyIsDrawn = flags.key === undefined;
    const asked = { ...note, keyIsDrawn, stream: of.stream, kind, selection, source, rows, set, everything };
    return layer.corrections.plan(asked, signal);
  });
  return shown(plan, json);
}

/** Plans the inverse of a correction that is in force. */
export async function revert(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  id: string,
  flags: NoteFlags,
): Promise<number> {
  const plan = await correcting(projectFolder, values, ({ layer, platform, signal }) =>
    layer.corrections.planRevert(id, noteOf(flags, platform.ids.next()), signal),
  );
  return shown(plan, json);
}

/** Shows a plan again, as it was made. */
export async function showPlan(projectFolder: string, values: CliSettings, json: boolean, id: string): Promise<number> {
  const { project, archive, close } = await openToLook(projectFolder, values);
  try {
    const streams = project.streams.map(({ name }) => name);
    return shown(await loadPlan(archive, streams, id), json);
  } finally {
    await close();
  }
}

export function shown(plan: CorrectionPlan, json: boolean): number {
  print(json, { plan }, () => [
    ...planLines(plan),
    '',
    ...(plan.kind === 'redact'
      ? ['Nothing has changed, and nothing of what would be erased is kept with this plan.']
      : [
          `Nothing has changed. To look at the difference: twofold apply ${plan.id} --fingerprint ${plan.fingerprint} --preview`,
        ]),
    `To apply exactly this:                         twofold apply ${plan.id} --fingerprint ${plan.fingerprint}`,
  ]);
  return EXIT.done;
}

function kindOf(given: string): CorrectionKind {
  const kind = correctionKinds.find((each) => each === given);
  if (kind !== undefined) return kind;
  throw new CliError('WRONG_USAGE', `${given} is no kind of correction; there are ${correctionKinds.join(', ')}`);
}

/** Without a key of its own a plan is one request: its correction is made once, however often it is applied. */
export function noteOf({ reason, ticket, author, approver, key }: NoteFlags, fallbackKey: string): CorrectionNote {
  return {
    reason: reason ?? '',
    ticket: ticket ?? null,
    author: author ?? userInfo().username,
    approver: approver ?? null,
    idempotencyKey: key ?? fallbackKey,
  };
}
