import { archivedEnd } from '@twofold/archive';
import { compareView, readWholeLog } from '@twofold/cli';
import { SensorEvents } from '@twofold/event-generator';
import { deleteTopics } from '@twofold/event-log-kafka/testing';
import { executeCql } from '@twofold/view-store-cassandra/testing';
import { AnswerWatch, type WatchedAnswer } from '../answer-watch.ts';
import { checkAnswers } from '../check-answers.ts';
import type { ServiceProcess } from '../service-process.ts';
import { until } from '../until.ts';
import { otherGoesOn } from './goes-on.ts';
import { STREAM, type Ground } from './ground.ts';

type Services = Pick<Ground, 'plant' | 'speeds' | 'batches' | 'serve'>;
type Platform = Awaited<ReturnType<Ground['plant']['follow']>>;
/** Tables of which nothing else would tell that their rows are missing. */
export const emptiedTables = ['speed_rows', 'speed_blocks', 'progress', 'control'] as const;
export type EmptiedTable = (typeof emptiedTables)[number];

/** What a fault that ends a project or its store did, and what did not hold, in words. */
export interface LastResult {
  readonly violations: readonly string[];
  /** Answers that were given after it had struck, and compared. */
  readonly answers: number;
  readonly told: string;
}

/** How soon what can not be mended has to be named. */
const NAMED_MS = 60_000;
const SEED_OF_OTHERS = 99;

/**
 * The topic is deleted and made again, and holds more than before: who went on by offsets alone would take it for the same. Every
 * layer has to name it, also after a restart, and no answer may hold anything of it; another stream goes on as ever (E7).
 */
export async function replaceTopic(ground: Services & Pick<Ground, 'platform'>, kafka: string): Promise<LastResult> {
  const { plant, platform, speeds, batches, serve } = ground;
  const topic = plant.topic(STREAM);
  const of = platform.topics.find((each) => each.topic === topic);
  const log = of === undefined ? [] : await readWholeLog(of, platform.log);
  const ranges = await platform.events.partitions(topic);
  const isArchived = async (): Promise<boolean> => {
    const state = await platform.archive.head(STREAM);
    return ranges.every(({ partition, end }) => archivedEnd(state, partition) === end);
  };
  await until('all of it is archived', isArchived, { state: () => plant.tails() });
  const archived = await positionsArchived(ground);
  const answers = new AnswerWatch(serve.url);
  const partitions = ranges.length;
  await deleteTopics({ brokers: [kafka] }, topic);
  const make = (): Promise<unknown> => platform.events.ensureTopic(topic, { partitions });
  await until('the topic is made again', () =>
    make().then(
      () => true,
      () => false,
    ),
  );
  const others = new SensorEvents({
    seed: SEED_OF_OTHERS,
    sensors: 50,
    ratePerSecond: 200,
    malformed: 0,
    duplicate: 0,
  });
  await platform.events.append(topic, others.take(2 * log.length));
  const layers = [...speeds, ...batches];
  const violations = await unnamed(
    layers,
    layers.map(() => 0),
  );
  const said = layers.map(({ stderr }) => stderr.length);
  for (const each of layers) {
    await each.kill('SIGKILL');
    each.restart();
  }
  violations.push(...(await unnamed(layers, said)), ...(await otherGoesOn(plant, platform)));
  await answers.stop();
  for (const each of batches) await each.kill('SIGKILL');
  for (const view of plant.project.views.filter((each) => each.stream.name === STREAM)) {
    const { difference } = await compareView(view, log, platform);
    if (difference !== null) violations.push(`${view.name}: ${difference}`);
  }
  const { difference } = checkAnswers(answers.answers, plant.project.views, log);
  if (difference !== null) violations.push(difference);
  const now = await positionsArchived(ground);
  if (now > archived) violations.push(`${now - archived} positions of another log were archived`);
  return { violations, answers: answers.answers.length, told: `${log.length} records of before` };
}

/** Which of them do not say that the topic was made again; what they said before does not count. */
async function unnamed(layers: readonly ServiceProcess[], before: readonly number[]): Promise<string[]> {
  const silent: string[] = [];
  for (const [i, each] of layers.entries()) {
    const named = async (): Promise<boolean> =>
      /LOG_REPLACED/.test((await each.reasons()) + each.stderr.slice(before[i] ?? 0));
    await until('it is named', named, { patienceMs: NAMED_MS }).catch(() =>
      silent.push(`a ${each.command} layer does not name a topic that was made again`),
    );
  }
  return silent;
}

async function positionsArchived({ platform }: Pick<Ground, 'platform'>): Promise<number> {
  const { files } = await platform.archive.head(STREAM);
  return files.reduce((sum, { from, to }) => sum + to - from, 0);
}

/**
 * A table of the store is emptied. Every service has to end and say so, a new store is made from archive and log by those
 * that are started again, and no answer of either store has a hole (E5, E22).
 */
export async function emptyTable(
  ground: Services & Pick<Ground, 'sender'> & { readonly platform: Platform },
  table: EmptiedTable,
): Promise<LastResult> {
  const { plant, platform, speeds, batches, serve } = ground;
  const services = [...speeds, ...batches, serve];
  const answers = new AnswerWatch(serve.url, 100);
  await until('it has answered', () => answers.answers.length > 0);
  const before = services.map(({ unasked, stderr }) => ({ unasked, said: stderr.length }));
  const { incarnation } = platform.store;
  await executeCql(plant.cassandra, `TRUNCATE ${plant.keyspace}.${table}`);
  const begun = performance.now();
  const violations: string[] = [];
  for (const [i, each] of services.entries()) {
    const { unasked, said } = before[i] ?? { unasked: 0, said: 0 };
    const ended = (): boolean => each.unasked > unasked && each.stderr.slice(said).includes(`${table} was emptied`);
    await until('it has ended', ended, { patienceMs: NAMED_MS }).catch(() =>
      violations.push(`${each.command} goes on over a store whose table ${table} was emptied`),
    );
  }
  const tookMs = performance.now() - begun;
  await Promise.all(services.map((each) => each.ready()));
  const anew = await plant.follow();
  try {
    if (anew.store.incarnation === incarnation) violations.push(`the store is the same after ${table} was emptied`);
    await ground.sender.paused(async () => {
      await plant.fresh(anew);
      await answers.stop();
      violations.push(...(await holes(ground, anew, answers, table)));
    });
  } finally {
    await anew.close();
  }
  return { violations, answers: answers.answers.length, told: `${table}, all ended after ${tookMs.toFixed(0)} ms` };
}

/** What the new store, and what was answered meanwhile, differ in from the log as it is now. */
async function holes(
  { plant }: Services,
  anew: Platform,
  answers: AnswerWatch,
  table: EmptiedTable,
): Promise<string[]> {
  const found = (await plant.compare(anew, STREAM)).views.flatMap(({ view, difference }) =>
    difference === null ? [] : [`${view}: ${difference}`],
  );
  const topic = anew.topics.find(({ stream }) => stream.name === STREAM);
  const log = topic === undefined ? [] : await readWholeLog(topic, anew.log);
  const lives = livesOf(answers.answers);
  if (lives.length > 2) found.push(`positions went back ${lives.length - 1} times after ${table} was emptied`);
  for (const life of lives) {
    const { difference } = checkAnswers(life, plant.project.views, log);
    if (difference !== null) found.push(difference);
  }
  return found;
}

/** Answers of one store after another: a store that is new begins with what is archived, so positions go back once. */
function livesOf(answers: readonly WatchedAnswer[]): WatchedAnswer[][] {
  const lives: WatchedAnswer[][] = [[]];
  const reached = new Map<string, readonly number[]>();
  for (const answer of answers) {
    const before = reached.get(answer.view) ?? [];
    if (before.some((position, p) => (answer.positions[p] ?? 0) < position)) {
      lives.push([]);
      reached.clear();
    }
    reached.set(answer.view, answer.positions);
    lives.at(-1)?.push(answer);
  }
  return lives;
}
