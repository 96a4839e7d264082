import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { processHost, runService } from '@twofold/service';
import { caughtUp } from '../caught-up.ts';
import { compareView, readWholeLog } from '../compare-with-oracle.ts';
import { feed, loadExample, type Example } from '../example-feed.ts';
import { EXIT, say, table } from '../output.ts';
import { runPlatform, type RunningPlatform } from '../run-platform.ts';
import type { CliSettings, settings } from '../settings.ts';
import { ask } from './query.ts';

export interface ExampleOptions {
  readonly once: boolean;
  /** Events a second. */
  readonly rate: number;
}

/** Replays an example's data, then goes on live; or, once, compares every answer with the oracle and ends. */
export async function example(
  name: string,
  values: CliSettings,
  config: ReturnType<typeof settings.read>,
  options: ExampleOptions,
): Promise<number> {
  const found = await loadExample(name);
  const given = config.explain().find((setting) => setting.name === 'dataFolder')?.origin;
  if (options.once) return once(found, values);
  const dataFolder = given === 'default' ? path.join('.twofold', name) : values.dataFolder;
  return live(found, { ...values, dataFolder }, options.rate);
}

/** Seconds of generated sensors that `--once` adds. */
const ONCE_SECONDS = 20;
const ONCE_RATE = 1_000;
/** How far back the generated sensors of `--once` begin. */
const ONCE_START = Date.UTC(2026, 0, 1);

async function once(found: Example, values: CliSettings): Promise<number> {
  const dataFolder = mkdtempSync(path.resolve('.twofold-once-'));
  try {
    const running = await runPlatform(
      found.folder,
      { ...values, dataFolder, port: 0, logLevel: 'warn' },
      { scheduled: false },
    );
    try {
      return await replayAndCompare(found, running);
    } finally {
      await running.stop();
    }
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

async function replayAndCompare(found: Example, running: RunningPlatform): Promise<number> {
  const { project, platform, batch } = running;
  const all = [
    ...found.history(),
    ...found
      .live({ seed: 42, ratePerSecond: ONCE_RATE, startMs: ONCE_START })
      .takeUntil(ONCE_START + ONCE_SECONDS * 1_000),
  ];
  // Most of it becomes history; the rest arrives after the cut and is answered by the speed layer.
  const late = (index: number): boolean => index % 5 === 4;
  say(`sending ${all.length} events`);
  await feed(
    platform.events,
    project.id,
    all.filter((_, index) => !late(index)),
  );
  await caughtUp(project, platform);
  say('recomputing every view from the archive');
  const release = await batch.recompute();
  await feed(
    platform.events,
    project.id,
    all.filter((_, index) => late(index)),
  );
  await caughtUp(project, platform);
  say(`release ${release ?? 'none'} is live; comparing every answer with the oracle`);
  const logs = new Map<string, Awaited<ReturnType<typeof readWholeLog>>>();
  for (const topic of platform.topics) logs.set(topic.stream.name, await readWholeLog(topic, platform.log));
  const rows = [['view', 'merged rows', 'batch rows', 'speed rows', 'result']];
  let failed = 0;
  for (const view of project.views) {
    const { rows: counts, difference } = await compareView(view, logs.get(view.stream.name) ?? [], platform);
    const empty = counts.BATCH === 0 || counts.SPEED === 0;
    if (difference !== null || empty) failed++;
    rows.push([
      view.name,
      String(counts.MERGED),
      String(counts.BATCH),
      String(counts.SPEED),
      difference ?? (empty ? 'a layer gave no row' : 'equal to the oracle'),
    ]);
  }
  await showQueries(found, running);
  process.stdout.write(`${table(rows).join('\n')}\n`);
  return failed === 0 ? EXIT.done : EXIT.check;
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

async function live(found: Example, values: CliSettings, rate: number): Promise<number> {
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
        say('replaying the real data of the example …');
        say(`  ${await feed(platform.events, project.id, found.history())} events are in the log`);
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
        `Twofold runs the example in ${values.dataFolder}; ${rate} events a second are generated, history is recomputed every minute.`,
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
  const source = found.live({ seed: options.startMs % 2 ** 31, ratePerSecond: options.rate, startMs: options.startMs });
  while (!signal.aborted) {
    await feed(events, project.id, source.takeUntil(clock.now()));
    await clock.sleep(TICK_MS, signal).catch(() => undefined);
  }
}
