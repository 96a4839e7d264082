import { isWhole, letGoOf, loadDiff, rollBackTo } from '@twofold/batch-layer';
import type { ColumnArchive, StoredCorrection } from '@twofold/archive';
import { standingOf } from '@twofold/corrections';
import { correctionsOf, liveRelease, type ControlRow, type Release } from '@twofold/releases';
import type { Project } from '@twofold/views';
import { CliError } from '../errors.ts';
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
      .map((release) => shownRelease(row, release, project));
    const corrections = await shownCorrections(project, row, archive);
    print(json, { live: row.live, holds: row.holds, releases: kept, corrections }, () => [
      ...table([
        ['release', 'id', 'came by', 'can be put back', 'corrections in force'],
        ...kept.map(({ number, id, reason, live, restorable, lists }) => [
          `${number}${live ? ' (live)' : ''}`,
          id,
          reason,
          restorable ? 'yes' : 'no',
          Object.values(lists).flat().join(', ') || '-',
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

type Shown = Pick<
  StoredCorrection,
  'id' | 'stream' | 'kind' | 'reverts' | 'asked' | 'reason' | 'author' | 'plannedAt'
> & {
  readonly targets: number;
  readonly rows: number;
  readonly inForce: boolean;
};

function correctionTable(corrections: readonly Shown[]): string[] {
  return table([
    ['correction', 'stream', 'kind', 'in force', 'planned', 'hits', 'adds', 'by', 'asked and why'],
    ...corrections.map((each) => [
      each.id,
      each.stream,
      each.kind,
      each.inForce ? 'yes' : 'no',
      iso(each.plannedAt),
      String(each.targets),
      String(each.rows),
      each.author,
      `${each.asked}: ${each.reason}`,
    ]),
  ]);
}

function shownRelease(row: ControlRow, release: Release, project: Project) {
  const lists = project.streams.map(({ name }) => [name, correctionsOf(row, release, name)] as const);
  return {
    number: release.number,
    id: release.id,
    reason: release.reason,
    live: release.id === row.live,
    restorable: isWhole(row, release),
    lists: Object.fromEntries(lists.filter(([, list]) => list.length > 0)),
  };
}

async function shownCorrections(project: Project, row: ControlRow, archive: ColumnArchive): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const { name } of project.streams) {
    const all = await archive.corrections(name).list();
    const inForce = new Set(correctionsOf(row, liveRelease(row), name));
    const standing = new Set(standingOf(all.filter(({ id }) => inForce.has(id))).map(({ id }) => id));
    for (const { id, stream, kind, reverts, asked, reason, author, plannedAt, targets, added } of all)
      shown.push({
        ...{ id, stream, kind, reverts, asked, reason, author, plannedAt },
        ...{ targets: targets?.count ?? 0, rows: added?.rows ?? 0, inForce: standing.has(id) },
      });
  }
  return shown.reverse();
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
        `no difference is kept of ${id}. Only releases that a correction made have one; twofold releases shows them.`,
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
  return correcting(projectFolder, values, async ({ platform, signal }) => {
    if (release === undefined) {
      const released = await letGoOf(views, platform, signal);
      print(json, { letGo: released }, () => [
        released.length === 0 ? 'no view is held' : `${released.join(', ')} will be built and promoted again when due`,
      ]);
      return EXIT.done;
    }
    const result = await rollBackTo({ release, views }, platform, signal);
    print(json, { ...result }, () => [
      `Release ${result.number} (${result.release}) is live: ${result.steps.map(({ view }) => view).join(', ')} as in release ${release}, and what came since is still added.`,
      'The views are held: no run promotes them until twofold rollback --let-go.',
    ]);
    return EXIT.done;
  });
}
