import { letGoOf, loadDiff, retire, rollBackTo } from '@twofold/batch-layer';
import type { ListedCorrection } from '@twofold/serving-api';
import { codeName } from '../code-name.ts';
import { CliError } from '../errors.ts';
import { listedCorrections, listedRelease } from '../listed-releases.ts';
import { openToLook } from '../look.ts';
import { correcting } from '../open-correcting.ts';
import { EXIT, iso, print, table } from '../output.ts';
import { diffLines } from '../plan-lines.ts';
import type { CliSettings } from '../settings.ts';

/** The releases that are kept, newest first, with the corrections in force in each. */
export async function releases(projectFolder: string, values: CliSettings, json: boolean): Promise<number> {
  const { project, store, archive, close } = await openToLook(projectFolder, values);
  try {
    const row = await store.control.read();
    if (row === null) throw new CliError('NO_DATA', `project ${project.id} is not registered yet: run twofold dev`);
    const kept = [...row.releases]
      .sort((a, b) => b.number - a.number)
      .map((release) => listedRelease(row, release, project));
    const corrections = await listedCorrections(project, row, archive);
    print(json, { live: row.live, holds: row.holds, releases: kept, corrections }, () => [
      ...table([
        ['release', 'id', 'came by', 'can be put back', 'corrections in force'],
        ...kept.map(({ number, id, reason, live, restorable, corrections: inForce }) => [
          `${number}${live ? ' (live)' : ''}`,
          id,
          reason,
          restorable ? 'yes' : 'no',
          inForce.join(', ') || '-',
        ]),
      ]),
      ...(row.holds.length === 0
        ? []
        : ['', `held by a rollback: ${row.holds.join(', ')} (twofold rollback --let-go)`]),
      ...(corrections.length === 0 ? [] : ['', ...correctionTable(corrections)]),
    ]);
    return EXIT.done;
  } finally {
    await close();
  }
}

function correctionTable(corrections: readonly ListedCorrection[]): string[] {
  return table([
    [
      'correction',
      'stream',
      'kind',
      'in force',
      'planned',
      'hits',
      'adds',
      'by',
      'approved by',
      'ticket',
      'asked and why',
    ],
    ...corrections.map((each) => [
      each.id,
      each.stream,
      each.kind,
      each.inForce ? 'yes' : 'no',
      iso(each.plannedAt),
      String(each.targets),
      String(each.rows),
      each.author,
      each.approver ?? '-',
      each.ticket ?? '-',
      `${each.asked}: ${each.reason}`,
    ]),
  ]);
}

/** What a correction changed, or would have: kept with its release. */
export async function showDiff(projectFolder: string, values: CliSettings, json: boolean, id: string): Promise<number> {
  const { project, archive, close } = await openToLook(projectFolder, values);
  try {
    const streams = project.streams.map(({ name }) => name);
    const diff = await loadDiff(archive, streams, id);
    if (diff === null)
      throw new CliError(
        'NO_DATA',
        `no difference is kept of ${id}. Releases that a correction made have one, and those that were held against gates or are told of; twofold releases shows them.`,
      );
    print(json, { diff }, () => diffLines(diff));
    return EXIT.done;
  } finally {
    await close();
  }
}

/** Puts an earlier release back, or lets go of the views that a rollback holds. */
export async function rollback(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  release: string | undefined,
  flags: { readonly views?: readonly string[]; readonly letGo: boolean },
): Promise<number> {
  const views = flags.views ?? null;
  if ((release === undefined) !== flags.letGo)
    throw new CliError('WRONG_USAGE', 'name the release to put back, or --let-go of what a rollback holds');
  return correcting(projectFolder, values, async ({ project, platform, logger, signal }) => {
    if (release === undefined) {
      const released = await letGoOf(views, platform, signal);
      print(json, { letGo: released }, () => [
        released.length === 0 ? 'no view is held' : `${released.join(', ')} will be built and promoted again when due`,
      ]);
      return EXIT.done;
    }
    const result = await rollBackTo({ release, views }, project, { ...platform, logger, code: codeName() }, signal);
    print(json, { ...result }, () => [
      `Release ${result.number} (${result.release}) is live: ${result.steps.map(({ view }) => view).join(', ')} as in release ${release}, and what came since is still added.`,
      'The views are held: no run promotes them until twofold rollback --let-go.',
    ]);
    return EXIT.done;
  });
}

/** Takes a view that is not declared any more out of what is read. */
export function retireView(projectFolder: string, values: CliSettings, json: boolean, view: string): Promise<number> {
  return correcting(projectFolder, values, async ({ project, platform, signal }) => {
    const made = await retire([view], project, platform, signal);
    print(json, { view, ...made }, () => [
      `Release ${made.number} (${made.release}) is live, without ${view}. Corrections of its stream can be made again.`,
    ]);
    return EXIT.done;
  });
}
