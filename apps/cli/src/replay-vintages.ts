import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { answerRows, BatchReader, ByteCache, type LayerSelection } from '@twofold/serving-api';
import { caughtUp } from './caught-up.ts';
import { dimensionsOf } from './compare-with-oracle.ts';
import { CliError } from './errors.ts';
import { feed, type FeedMessage } from './example-feed.ts';
import { say, table } from './output.ts';
import type { RunningPlatform } from './run-platform.ts';

/** What a publisher has in a file, as an answer's rows: see the example's `src/vintage.ts`. */
interface Published {
  readonly view: string;
  readonly rounded: boolean;
  readonly whole: boolean;
  readonly rows: readonly {
    readonly key: Readonly<Record<string, string>>;
    readonly windowEnd: number;
    readonly values: Readonly<Record<string, number>>;
  }[];
}

interface RevisionSet {
  readonly name: string;
  readonly about: string;
  readonly vintages: readonly {
    readonly name: string;
    messages(): readonly FeedMessage[];
    published(): readonly Published[];
  }[];
}

type SetsIn = (folder: string | null) => {
  readonly sets: readonly RevisionSet[];
  readonly missing: readonly string[];
};

const SHARED = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
/** Answers of all times. */
const FROM = Date.UTC(1900, 0, 1);
const TO = Date.UTC(2200, 0, 1);

/**
 * The sets of an example that is made of published files, from a folder; null: the example is none. Without a folder
 * the full sets where they lie beside the repository, else the extract; what is left out is said.
 */
export async function vintagesOf(
  example: string,
  options: { readonly data: string | null; readonly extract: boolean },
): Promise<readonly RevisionSet[] | null> {
  const module: unknown = await import(pathToFileURL(path.join(example, 'src', 'index.ts')).href);
  const { revisionSets } = module as { readonly revisionSets?: SetsIn };
  if (revisionSets === undefined) return null;
  const folder = options.data ?? (!options.extract && existsSync(path.join(SHARED, 'revisions-nyc')) ? SHARED : null);
  if (folder === null) say('SKIPPED: the full sets, which are not here; name their folder with --data');
  const { sets, missing } = revisionSets(folder === null ? null : path.resolve(folder));
  for (const name of missing) say(`SKIPPED: ${name}, which is not in ${folder ?? 'the extract'}`);
  if (sets.length === 0)
    throw new CliError('NO_DATA', `there is no set of restatements in ${folder ?? 'the example'}.`);
  for (const { name, about } of sets) say(`data: ${name}, ${about}`);
  return sets;
}

/**
 * Sends restatements file by file. After each file the merged answer has to be the publisher's, from batch and speed
 * and again when history was recomputed; and when the next file has come, the release that was made then still has to
 * answer as of its file. Gives what is wrong, a line each.
 */
export async function replayVintages(sets: readonly RevisionSet[], running: RunningPlatform): Promise<string[]> {
  const { project, platform, batch } = running;
  const rows = [['file', 'answer', 'cells', 'result']];
  const failures: string[] = [];
  const met = async (name: string, how: string, of: Published, pin: Pin): Promise<void> => {
    const { cells, difference } = await compare(of, pin, running);
    rows.push([name, `${of.view} ${how}`, String(cells), difference ?? 'as published']);
    if (difference !== null) failures.push(`${name}, ${of.view} ${how}: ${difference}`);
  };
  let before: readonly Kept[] = [];
  const ofRelease = async (kept: readonly Kept[]): Promise<void> => {
    for (const { name, release, published } of kept)
      for (const each of published) await met(name, 'of its release', each, { layer: 'BATCH', release });
  };
  const rounds = Math.max(...sets.map(({ vintages }) => vintages.length));
  for (let round = 0; round < rounds; round++) {
    const now = sets.flatMap(({ vintages }) => vintages[round] ?? []);
    let sent = 0;
    for (const vintage of now) sent += await feed(platform.events, project.id, vintage.messages());
    await caughtUp(project, platform);
    say(`${now.map(({ name }) => name).join('; ')}: ${sent} restatements`);
    for (const vintage of now)
      for (const each of vintage.published())
        await met(vintage.name, 'merged', each, { layer: 'MERGED', release: null });
    // What came since is not in the release of the files before.
    await ofRelease(before);
    const release = await batch.recompute();
    await caughtUp(project, platform);
    const made = now.map((vintage) => ({ name: vintage.name, release: release ?? '', published: vintage.published() }));
    for (const { name, published } of made)
      for (const each of published) await met(name, 'recomputed', each, { layer: 'MERGED', release: null });
    before = release === null ? [] : made;
  }
  await ofRelease(before);
  process.stdout.write(`${table(rows).join('\n')}\n\n`);
  return failures;
}

/** A release, and what it was made of. */
interface Kept {
  readonly name: string;
  readonly release: string;
  readonly published: readonly Published[];
}

interface Pin {
  readonly layer: LayerSelection;
  readonly release: string | null;
}

async function compare(published: Published, pin: Pin, { project, platform }: RunningPlatform) {
  const view = project.views.find(({ name }) => name === published.view);
  if (view === undefined) throw new CliError('PROJECT_INVALID', `project ${project.id} has no view ${published.view}.`);
  const cache = new ByteCache(64 << 20);
  const { store, clock } = platform;
  const request = { view, ...pin, keys: null, from: FROM, to: TO, grainMs: null, positions: null, maxPanes: Infinity };
  const { windows } = await answerRows(request, { store, clock, cache, batch: new BatchReader(store, cache) });
  const found = new Map<string, number>();
  for (let row = 0; row < windows.rows; row++) {
    const key = dimensionsOf(view, windows.keys[windows.keyOfRow[row] ?? 0] ?? new Uint8Array(0));
    found.set(placeOf(key, windows.windowEnds[row] ?? 0), row);
  }
  let cells = 0;
  for (const { key, windowEnd, values } of published.rows) {
    const place = placeOf(key, windowEnd);
    const row = found.get(place);
    if (row === undefined) return { cells, difference: `${place} is not there` };
    for (const [name, expected] of Object.entries(values)) {
      const value = Number(windows.measures[name]?.[row] ?? NaN);
      if ((published.rounded ? Math.round(value) : value) !== expected)
        return { cells, difference: `${place}: ${name} is ${value}, and was published as ${expected}` };
      cells++;
    }
  }
  const more = found.size - published.rows.length;
  return { cells, difference: published.whole && more !== 0 ? `${more} rows were not published` : null };
}

function placeOf(key: Readonly<Record<string, unknown>>, windowEnd: number): string {
  const names = Object.keys(key).sort();
  return `${names.map((name) => `${name} ${String(key[name])} `).join('')}${new Date(windowEnd).toISOString()}`;
}
