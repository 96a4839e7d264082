import { mkdirSync } from 'node:fs';
import { readWholeLog } from '@twofold/cli';
import { Prng } from '@twofold/event-generator';
import { OtherProducer } from '@twofold/event-log-kafka/testing';
import { AnswerWatch } from '../answer-watch.ts';
import { checkAnswers } from '../check-answers.ts';
import { OffsetWatch } from '../offset-watch.ts';
import type { OwnServers } from '../own-servers.ts';
import { ServerProject } from '../server-project.ts';
import { smallDisk } from '../small-disk.ts';
import { SteadySender } from '../steady-sender.ts';
import { sleep } from '../until.ts';
import { chooseFaults } from './choose-faults.ts';
import { between, OtherEvents, STREAM, type Fault, type Ground } from './ground.ts';
import { strikeLast } from './strike-last.ts';

export interface RoundResult {
  readonly seed: number;
  /** Faults that struck, by kind. */
  readonly struck: ReadonlyMap<string, number>;
  /** What did not hold, in words; none is what is wanted. */
  readonly violations: readonly string[];
  readonly events: number;
  readonly answers: number;
  readonly unasked: number;
  /** Milliseconds until every answer was fresh again, each time that was waited for. */
  readonly freshMs: readonly number[];
  readonly tookMs: number;
}

export interface RoundTask {
  readonly servers: OwnServers;
  readonly seed: number;
  readonly count: number;
  readonly ratePerSecond: number;
  readonly say: (line: string) => void;
}

const ARCHIVE_DISK_MB = 192;
/** After so many faults the services are left alone until they are fresh: faults that pile up must not hide that one never heals. */
const HEAL_EVERY = 12;
const FRESH_PATIENCE_MS = 120_000;
/** Five processes begin at once, beside servers that have just begun. */
const START_PATIENCE_MS = 300_000;

/**
 * A project of its own under `count` faults, then compared with the oracle in every respect that is watched; the last
 * fault ends it or its store, and what is owed then is looked for by itself.
 */
export async function runRound(task: RoundTask): Promise<RoundResult> {
  const { servers, seed, say } = task;
  const begun = performance.now();
  const plant = await ServerProject.make(servers.behindWires, servers.direct);
  mkdirSync(plant.archiveFolder, { recursive: true });
  const archiveDisk = smallDisk(plant.archiveFolder, ARCHIVE_DISK_MB);
  try {
    const ground = await startAll(plant, task, archiveDisk);
    const looking = await plant.follow();
    const answers = new AnswerWatch(ground.serve.url, 500);
    const offsets = new OffsetWatch(plant.project, looking, 500);
    const violations: string[] = [];
    const { struck, freshMs } = await strikeAll(ground, task, violations);
    await ground.sender.stop();
    freshMs.push(await freshOrTold(ground, violations));
    await Promise.all([answers.stop(), offsets.stop()]);
    await looking.close();
    if (offsets.difference !== null) violations.push(offsets.difference);
    const events = await compareAll(ground, answers, violations);
    const unasked = plant.processes.reduce((sum, each) => sum + each.unasked, 0);
    const last = await strikeLast(ground, seed, servers.direct.kafka);
    say(`     ${last.kind}: ${last.told}; ${last.answers} answers`);
    struck.set(last.kind, 1);
    violations.push(...last.violations);
    await ground.platform.close();
    for (const violation of violations) say(`VIOLATION (seed ${seed}): ${violation}`);
    const tookMs = performance.now() - begun;
    const compared = answers.answers.length + last.answers;
    return { seed, struck, violations, events, answers: compared, unasked, freshMs, tookMs };
  } finally {
    servers.kafkaWire.set('OPEN');
    servers.cassandraWire.set('OPEN');
    for (const each of plant.processes) each.signal('SIGCONT');
    await Promise.all(plant.processes.map((each) => each.kill('SIGKILL')));
    archiveDisk?.unmount();
    await plant.remove();
  }
}

async function startAll(
  plant: ServerProject,
  { servers, seed, ratePerSecond }: RoundTask,
  archiveDisk: Ground['archiveDisk'],
): Promise<Ground> {
  const start = (command: 'speed' | 'batch' | 'serve') => plant.start(command);
  const speeds = await Promise.all([start('speed'), start('speed')]);
  const batches = await Promise.all([start('batch'), start('batch')]);
  const serve = await start('serve');
  const all = [...speeds, ...batches, serve];
  for (const each of all) each.keep();
  await Promise.all(all.map((each) => each.ready(START_PATIENCE_MS)));
  const platform = await plant.openToWrite();
  const sender = new SteadySender(platform, plant.topic(STREAM), { seed, ratePerSecond });
  const other = new OtherProducer({ brokers: [servers.direct.kafka] });
  const others = new OtherEvents(seed + 1);
  const random = new Prng(seed);
  return { plant, platform, servers, speeds, batches, serve, sender, other, others, archiveDisk, random };
}

async function strikeAll(
  ground: Ground,
  { count, say }: RoundTask,
  violations: string[],
): Promise<{ struck: Map<string, number>; freshMs: number[] }> {
  const struck = new Map<string, number>();
  const freshMs: number[] = [];
  const begun = performance.now();
  // The last one is of another kind.
  for (const [n, fault] of chooseFaults(ground, count - 1, say).entries()) {
    await sleep(between(ground.random, 100, 1_000));
    const failure = await strikeOne(ground, fault, (told) => {
      const at = ((performance.now() - begun) / 1_000).toFixed(1);
      say(`${String(n + 1).padStart(4)} ${at.padStart(6)} s  ${fault.kind}${told === '' ? '' : `: ${told}`}`);
    });
    if (failure === null) struck.set(fault.kind, (struck.get(fault.kind) ?? 0) + 1);
    else say(`     ${fault.kind} could not strike: ${failure}`);
    if ((n + 1) % HEAL_EVERY !== 0 || n + 2 === count) continue;
    freshMs.push(await freshOrTold(ground, violations));
    say(`     fresh again after ${((freshMs.at(-1) ?? 0) / 1_000).toFixed(1)} s`);
  }
  return { struck, freshMs };
}

/** What a fault needs may itself be away for a while. Gives why it could not strike, or null when it did. */
async function strikeOne(ground: Ground, fault: Fault, told: (what: string) => void): Promise<string | null> {
  const attempts = 5;
  for (let attempt = 1; ; attempt++)
    try {
      told((await fault.strike(ground)) ?? '');
      return null;
    } catch (error) {
      if (attempt === attempts) return error instanceof Error ? error.message : String(error);
      await sleep(1_000);
    }
}

async function freshOrTold({ plant, platform }: Ground, violations: string[]): Promise<number> {
  const begun = performance.now();
  try {
    return await plant.fresh(platform, FRESH_PATIENCE_MS);
  } catch (error) {
    violations.push(error instanceof Error ? error.message : String(error));
    return performance.now() - begun;
  }
}

/** Every answer now, and every one that was given meanwhile; the events that count. */
async function compareAll(ground: Ground, answers: AnswerWatch, violations: string[]): Promise<number> {
  const { plant, platform, sender, others } = ground;
  const proof = await plant.compare(platform, STREAM);
  for (const { view, difference } of proof.views) if (difference !== null) violations.push(`${view}: ${difference}`);
  const expected = sender.acknowledged + others.counted;
  if (proof.applied !== expected)
    violations.push(`${proof.applied} events count, and ${expected} were acknowledged, none twice`);
  const topic = platform.topics.find(({ stream }) => stream.name === STREAM);
  const log = topic === undefined ? [] : await readWholeLog(topic, platform.log);
  const { difference } = checkAnswers(answers.answers, plant.project.views, log);
  if (difference !== null) violations.push(difference);
  if (answers.answers.length === 0) violations.push('the API never answered');
  return proof.applied;
}
