import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { processHost, runService } from '@twofold/service';
import type { ViewVersion } from '@twofold/view-store';
import { caughtUp } from '../caught-up.ts';
import { compareView, readWholeLog } from '../compare-with-oracle.ts';
import { checkTruths } from '../check-truths.ts';
import { chooseData, feed, loadExample, type Example, type ExampleData, type FeedMessage } from '../example-feed.ts';
import { EXIT, say, table } from '../output.ts';
import { replayVintages, vintagesOf } from '../replay-vintages.ts';
import { runPlatform, type RunningPlatform } from '../run-platform.ts';
import type { CliSettings, settings } from '../settings.ts';
import { ask } from './query.ts';

export interface ExampleOptions {
  readonly once: boolean;
  /** Events a second. */
  readonly rate: number;
  /** Only the data that come with the example, also where the full ones are there. */
  readonly extract: boolean;
  /** Folder of the full data, of an example that is made of published files. */
  readonly data: string | null;
  /** Every published file is compared, not only those that are here and one between two of them. */
  readonly everyFile: boolean;
}

/** Replays an example's data, then goes on live; or, once, compares answers with the oracle and with what is known, and ends. */
export async function example(
  name: string,
  values: CliSettings,
  config: ReturnType<typeof settings.read>,
  options: ExampleOptions,
): Promise<number> {
  const found = await loadExample(name);
  const given = config.explain().find((setting) => setting.name === 'dataFolder')?.origin;
  const sets = options.once ? await vintagesOf(found.folder, options) : null;
  if (sets !== null) return inOwnFolder(found, values, (running) => byVintage(found, sets, running));
  const { data, missing } = chooseData(found, options.extract);
  for (const { name: absent, about } of missing) say(`SKIPPED: ${absent}, which is not here: ${about}`);
  say(`data: ${data.name}, ${data.about}`);
  if (options.once) return once(found, data, values);
  const dataFolder = given === 'default' ? path.join('.twofold', name) : values.dataFolder;
  return live(found, data, { ...values, dataFolder }, options.rate);
}

/** Seconds of generated sensors that `--once` adds. */
const ONCE_SECONDS = 20;
const ONCE_RATE = 1_000;
/** How far back the generated sensors of `--once` begin. */
const ONCE_START = Date.UTC(2026, 0, 1);

async function once(found: Example, data: ExampleData, values: CliSettings): Promise<number> {
  return inOwnFolder(found, values, (running) => replayAndCompare(found, data, running));
}

/** File by file, as they were published. */
async function byVintage(found: Example, sets: Parameters<typeof replayVintages>[0], running: RunningPlatform) {
  const failures = await replayVintages(sets, running);
  await showQueries(found, running);
  for (const failure of failures) say(`WRONG: ${failure}`);
  return failures.length === 0 ? EXIT.done : EXIT.check;
}

/** With the platform in a folder of its own, which is gone afterwards. */
async function inOwnFolder(
  found: Example,
  values: CliSettings,
  use: (running: RunningPlatform) => Promise<number>,
): Promise<number> {
  const dataFolder = mkdtempSync(path.resolve('.twofold-once-'));
  try {
    const running = await runPlatform(
      found.folder,
      { ...values, dataFolder, port: 0, logLevel: 'warn' },
      { scheduled: false },
    );
    try {
      return await use(running);
    } finally {
      await running.stop();
    }
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

/** Of five events, the one that is sent after history was recomputed: the speed layer answers for it. */
const isLate = (index: number): boolean => index % 5 === 4;

async function replayAndCompare(found: Example, data: ExampleData, running: RunningPlatform): Promise<number> {
  const { project, platform, batch } = running;
  const send = (wanted: (index: number) => boolean): Promise<number> =>
    feed(platform.events, project.id, chosen(found, data, wanted));
  say('sending most of the events');
  const first = await send((index) => !isLate(index));
  await caughtUp(project, platform);
  say(`recomputing every view from the archive, ${first} events`);
  const release = await batch.recompute();
  const rest = await send(isLate);
  await caughtUp(project, platform);
  say(`release ${release ?? 'none'} is live, and ${rest} events came after it`);
  const failures = data.isLarge ? [] : await compareWithOracle(running);
  failures.push(...(await checkTruths(running.url, data.truths)));
  await heardAgain(running);
  await showQueries(found, running);
  for (const failure of failures) say(`WRONG: ${failure}`);
  return failures.length === 0 ? EXIT.done : EXIT.check;
}

async function* chosen(
  { live }: Example,
  data: ExampleData,
  wanted: (index: number) => boolean,
): AsyncGenerator<FeedMessage> {
  let index = 0;
  for await (const message of data.history()) if (wanted(index++)) yield message;
  const generated = live?.({ seed: 42, ratePerSecond: ONCE_RATE, startMs: ONCE_START });
  for (const message of generated?.takeUntil(ONCE_START + ONCE_SECONDS * 1_000) ?? [])
    if (wanted(index++)) yield message;
}

/** What is wrong, one line each. */
async function compareWithOracle({ project, platform }: RunningPlatform): Promise<string[]> {
  say('comparing every answer with the oracle');
  const logs = new Map<string, Awaited<ReturnType<typeof readWholeLog>>>();
  for (const topic of platform.topics) logs.set(topic.stream.name, await readWholeLog(topic, platform.log));
  const rows = [['view', 'merged rows', 'batch rows', 'speed rows', 'result']];
  const failures: string[] = [];
  for (const view of project.views) {
    const { rows: counts, difference } = await compareView(view, logs.get(view.stream.name) ?? [], platform);
    const empty = counts.BATCH === 0 || counts.SPEED === 0;
    const result = difference ?? (empty ? 'a layer gave no row' : 'equal to the oracle');
    if (difference !== null || empty) failures.push(`view ${view.name}: ${result}`);
    rows.push([view.name, String(counts.MERGED), String(counts.BATCH), String(counts.SPEED), result]);
  }
  process.stdout.write(`${table(rows).join('\n')}\n\n`);
  return failures;
}

/** How long a sign of life of the speed layer is waited for. */
const HEARD_WITHIN_MS = 5_000;

/**
 * Resolves when the speed layer has said that it reads on, since this was called: it could not while answers were compared, in
 * the same thread, and what is shown next would say that it may be down. Without a sign that is what there is to say.
 */
async function heardAgain({ project, platform }: RunningPlatform): Promise<void> {
  const { clock, store } = platform;
  const [since, giveUpAt] = [clock.now(), clock.monotonic() + HEARD_WITHIN_MS];
  const heard = async (of: ViewVersion): Promise<boolean> =>
    (await store.progress.read(of)).every(({ lane, caughtUpAt }) => lane !== 'base' || (caughtUpAt ?? 0) >= since);
  for (const { name: view, version } of project.views)
    while (clock.monotonic() < giveUpAt && !(await heard({ view, version }))) await clock.sleep(20);
}

async function showQueries(found: Example, { url }: RunningPlatform): Promise<void> {
  for (const { name, about, text, variables } of found.queries) {
    const answer = await ask(url, text, variables);
    process.stdout.write(
      `\n${name}: ${about}\n${text}\nvariables ${JSON.stringify(variables)}\n${JSON.stringify(answer['data'] ?? answer, null, 1)}\n\n`,
    );
  }
}

/** How often generated events are sent. */
const TICK_MS = 100;

async function live(found: Example, data: ExampleData, values: CliSettings, rate: number): Promise<number> {
  const running = await runPlatform(found.folder, values, { scheduled: true });
  const { project, platform, logger, url } = running;
  const { clock } = platform;
  return runService({
    host: processHost(),
    clock,
    logger,
    service: async (context) => {
      const { signal } = context;
      const fed = await platform.events.partitions(platform.topics[0]?.topic ?? '');
      if (fed.every((range) => range.end === 0)) {
        say('replaying the data …');
        say(`  ${await feed(platform.events, project.id, data.history())} events are in the log`);
      }
      await caughtUp(project, platform);
      const startMs = clock.now();
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      const sending = generate(found, running, { rate, startMs }, signal);
      sending.catch(() => undefined);
      await clock.sleep(3_000, signal).catch(() => undefined);
      if (!signal.aborted)
        await showQueries({ ...found, queries: found.queries.map((query) => recent(query, startMs)) }, running);
      say('');
      say(
        `Twofold runs the example in ${values.dataFolder}; ${found.live === null ? 'nothing' : `${rate} events a second`} is generated, history is recomputed every minute.`,
      );
      say(`  ask     ${url}   (in a browser: GraphiQL)`);
      say(
        `  look    npx twofold status --project ${path.relative('.', found.folder)} --data-folder ${values.dataFolder}`,
      );
      say('  end     Ctrl-C');
      say('');
      context.ready({ url });
      await Promise.race([stopped, running.failed, sending]);
      await running.stop();
    },
  });
}

/** Generated sensors live now: a query of theirs asks for the first minute. */
function recent(query: Example['queries'][number], startMs: number): Example['queries'][number] {
  if (!query.text.includes('sensorMinute')) return query;
  const iso = (ms: number): string => new Date(ms).toISOString();
  return { ...query, variables: { ...query.variables, from: iso(startMs), to: iso(startMs + 60_000) } };
}

async function generate(
  found: Example,
  { platform, project }: RunningPlatform,
  options: { rate: number; startMs: number },
  signal: AbortSignal,
): Promise<void> {
  const { clock, events } = platform;
  const source = found.live?.({
    seed: options.startMs % 2 ** 31,
    ratePerSecond: options.rate,
    startMs: options.startMs,
  });
  while (!signal.aborted) {
    if (source !== undefined) await feed(events, project.id, source.takeUntil(clock.now()));
    await clock.sleep(TICK_MS, signal).catch(() => undefined);
  }
}
