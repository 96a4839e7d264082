import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { View } from '@twofold/views';
import { caughtUp } from './caught-up.ts';
import { compareView, readWholeLog } from './compare-with-oracle.ts';
import { CliError } from './errors.ts';
import { feed, type FeedMessage } from './example-feed.ts';
import { say, table } from './output.ts';
import {
  comparePublished,
  placesApart,
  wholeAnswer,
  type Answer,
  type Pin,
  type Published,
} from './published-answers.ts';
import type { RunningPlatform } from './run-platform.ts';

interface Vintage {
  readonly name: string;
  messages(): readonly FeedMessage[];
  published(): readonly Published[];
}

export interface RevisionSet {
  readonly name: string;
  readonly about: string;
  readonly vintages: readonly Vintage[];
}

type SetsIn = (
  folder: string | null,
  everyFile: boolean,
) => {
  readonly sets: readonly RevisionSet[];
  readonly missing: readonly string[];
};

/**
 * The sets of an example that is made of published files; null: the example is none. The extract that comes with it, or
 * the full sets of a folder that is named; what is left out is said.
 */
export async function vintagesOf(
  example: string,
  { data: folder, everyFile }: { readonly data: string | null; readonly everyFile: boolean },
): Promise<readonly RevisionSet[] | null> {
  const module: unknown = await import(pathToFileURL(path.join(example, 'src', 'index.ts')).href);
  const { revisionSets } = module as { readonly revisionSets?: SetsIn };
  if (revisionSets === undefined) return null;
  if (folder === null) say('SKIPPED: the full sets; the extract is used. Name the folder of the full ones with --data');
  const { sets, missing } = revisionSets(folder === null ? null : path.resolve(folder), everyFile);
  for (const name of missing) say(`SKIPPED: ${name}, which is not in ${folder ?? 'the extract'}`);
  if (sets.length === 0)
    throw new CliError('NO_DATA', `there is no set of restatements in ${folder ?? 'the example'}.`);
  for (const { name, about } of sets) say(`data: ${name}, ${about}`);
  return sets;
}

/** A vintage's views with what they answered when history had been recomputed, and the release that was made then. */
interface Kept {
  readonly set: string;
  readonly vintage: Vintage;
  readonly release: string;
  readonly answers: readonly { readonly view: View; readonly answer: Answer }[];
}

/**
 * Sends restatements vintage by vintage. At each, every answer, merged of batch and speed, has to be the publisher's where
 * the file is here, and the oracle's everywhere; to stay so when history was recomputed; and when the next
 * restatements have come, the release that was made then still has to answer so. Gives what is wrong, a line each.
 */
export async function replayVintages(sets: readonly RevisionSet[], running: RunningPlatform): Promise<string[]> {
  const replay = new VintageReplay(running);
  const rounds = Math.max(...sets.map(({ vintages }) => vintages.length));
  for (let round = 0; round < rounds; round++)
    await replay.round(
      sets.flatMap(({ name, vintages }) => {
        const vintage = vintages[round];
        return vintage === undefined ? [] : [{ set: name, vintage }];
      }),
    );
  process.stdout.write(`${table(replay.rows).join('\n')}\n\n`);
  const last = sets.flatMap(({ vintages }) => vintages.at(-1)?.name ?? []).join('; ');
  process.stdout.write(`Nothing comes after the last of each set, so their releases are not asked again: ${last}.\n`);
  return replay.failures;
}

class VintageReplay {
  readonly rows = [['file', 'view', 'answer', 'compared', 'result']];
  readonly failures: string[] = [];
  readonly #running: RunningPlatform;
  #before: readonly Kept[] = [];

  constructor(running: RunningPlatform) {
    this.#running = running;
  }

  async round(now: readonly { readonly set: string; readonly vintage: Vintage }[]): Promise<void> {
    const { project, platform, batch } = this.#running;
    const streams = new Map<Vintage, Set<string>>();
    let sent = 0;
    for (const { vintage } of now) {
      const messages = vintage.messages();
      streams.set(vintage, new Set(messages.map(({ stream }) => stream)));
      sent += await feed(platform.events, project.id, messages);
    }
    await caughtUp(project, platform);
    say(`${now.map(({ vintage }) => vintage.name).join('; ')}: ${sent} restatements`);
    const viewsOf = (vintage: Vintage): View[] =>
      project.views.filter(({ stream }) => streams.get(vintage)?.has(stream.change?.of.name ?? '') === true);
    const kept: Omit<Kept, 'release'>[] = [];
    for (const { set, vintage } of now)
      kept.push({ set, vintage, answers: await this.#compareMerged(vintage, viewsOf(vintage)) });
    // What came since is not in the releases of before.
    for (const of of this.#before) if (now.some(({ set }) => set === of.set)) await this.#compareRelease(of);
    const release = await batch.recompute();
    await caughtUp(project, platform);
    for (const { vintage, answers } of kept) await this.#compareAgain(vintage, answers);
    if (release === null)
      this.failures.push(`${now.map(({ vintage }) => vintage.name).join('; ')}: no release was made`);
    this.#before = release === null ? [] : kept.map((each) => ({ ...each, release }));
  }

  async #compareMerged(vintage: Vintage, views: readonly View[]): Promise<Kept['answers']> {
    const { platform } = this.#running;
    const answers: { view: View; answer: Answer }[] = [];
    const logs = new Map<string, Awaited<ReturnType<typeof readWholeLog>>>();
    for (const topic of platform.topics)
      if (views.some(({ stream }) => stream.name === topic.stream.name))
        logs.set(topic.stream.name, await readWholeLog(topic, platform.log));
    for (const view of views) {
      const log = logs.get(view.stream.name);
      if (log !== undefined) {
        const { rows, difference } = await compareView(view, log, platform);
        this.#note(vintage, view, 'merged', `${rows.MERGED} rows`, difference, 'equal to the oracle');
      }
      const answer = await wholeAnswer(view, MERGED, platform);
      this.#published(vintage, view, 'merged', answer);
      answers.push({ view, answer });
    }
    return answers;
  }

  /** Recomputed from the archive, what was compared is the same. */
  async #compareAgain(vintage: Vintage, answers: Kept['answers']): Promise<void> {
    for (const { view, answer: before } of answers) {
      const answer = await wholeAnswer(view, MERGED, this.#running.platform);
      const [first] = placesApart(before, answer);
      const difference = first === undefined ? null : `${first} is not what it was before`;
      this.#note(vintage, view, 'recomputed', `${answer.size} rows`, difference, 'as before');
      this.#published(vintage, view, 'recomputed', answer);
    }
  }

  /** What a release answers, as of its vintage, while another answer is merged. */
  async #compareRelease({ vintage, release, answers }: Kept): Promise<void> {
    const { platform } = this.#running;
    for (const { view, answer: then } of answers) {
      const pinned = await wholeAnswer(view, { layer: 'BATCH', release }, platform);
      const [first] = placesApart(then, pinned);
      const since = placesApart(pinned, await wholeAnswer(view, MERGED, platform)).length;
      const difference = first === undefined ? null : `${first} is not what it was`;
      this.#note(vintage, view, 'of its release', `${then.size} rows`, difference, `as then; ${since} are others now`);
      this.#published(vintage, view, 'of its release', pinned);
    }
  }

  #published(vintage: Vintage, view: View, how: string, answer: Answer): void {
    for (const each of vintage.published().filter((of) => of.view === view.name)) {
      const { cells, difference } = comparePublished(each, answer);
      this.#note(vintage, view, how, `${cells} cells`, difference, 'as published');
    }
  }

  #note(vintage: Vintage, view: View, how: string, compared: string, difference: string | null, good: string): void {
    this.rows.push([vintage.name, view.name, how, compared, difference ?? good]);
    if (difference !== null) this.failures.push(`${vintage.name}, ${view.name} ${how}: ${difference}`);
  }
}

const MERGED: Pin = { layer: 'MERGED', release: null };
