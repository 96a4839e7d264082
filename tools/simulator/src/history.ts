import { restatementTopic } from '@twofold/batch-layer';
import { corrector } from './corrector.ts';
import type { Coverage } from './coverage.ts';
import { smallModel, type Model, type Topic } from './model.ts';
import { Producer } from './producer.ts';
import { reader } from './reader.ts';
import { redactor } from './redactor.ts';
import { retainLog } from './retention.ts';
import { Role } from './role.ts';
import { rowRedactor, upsertOf } from './row-redactor.ts';
import { scheduler } from './scheduler.ts';
import { changeMaker, formerOperator } from './change-services.ts';
import { archiveCollector, archiver, collector, compactor, merger, operator, runner, speedWorker } from './services.ts';
import { settle, whatLags, type Roles } from './settle.ts';
import { teller } from './teller.ts';
import { Violation } from './violation.ts';
import { World, type Machine } from './world.ts';

export interface HistoryResult {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly hash: number;
  readonly steps: number;
  readonly coverage: Coverage;
}

/** Virtual milliseconds: of the disturbed part, and after it until everything must have caught up. */
const CALM_LIMIT_MS = 60_000;
/** Beyond so many steps a history is stuck. */
const STEP_LIMIT = 400_000;

/** One history from a seed: services as they are, disturbed; then calm; then everything has to be exact. */
export async function runHistory(
  seed: number,
  options: { readonly raised: boolean; readonly trace?: (line: string) => void; readonly model?: Model },
): Promise<HistoryResult> {
  const world = new World(seed, options.raised, options.model ?? smallModel);
  world.kernel.trace = options.trace ?? null;
  const unhandled = (reason: unknown): void =>
    world.observer.fail(
      'UNHANDLED',
      `a rejection that nobody handles: ${reason instanceof Error ? reason.stack : String(reason)}`,
    );
  process.on('unhandledRejection', unhandled);
  try {
    await live(world);
  } catch (error) {
    world.observer.fail('UNEXPECTED', error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
  }
  const { violation } = world.observer;
  const { hash, steps } = world.kernel;
  return { seed, violation, hash, steps, coverage: world.coverage };
}

async function live(world: World): Promise<void> {
  const { random, kernel } = world;
  const ended = (): boolean => world.observer.violation !== null || kernel.steps > STEP_LIMIT;
  const durationMs = random.int(...world.model.size.durationMs);
  await createTopics(world);
  const roles = startRoles(world);
  produce(world, roles, durationMs);
  disturb(world, roles, durationMs);
  await kernel.run(durationMs, ended);
  world.calm = true;
  world.network.calm();
  for (const role of roles.values()) for (const zombie of role.zombies) zombie.process.resume();
  let settledAt: number | null = null;
  const machine = world.start('judge');
  const judging = settle(world, roles, machine).then(() => {
    settledAt = kernel.now;
  });
  judging.catch((error: unknown) => void world.observer.fail('I12', `the last run failed: ${String(error)}`));
  await kernel.run(durationMs + CALM_LIMIT_MS, () => ended() || settledAt !== null);
  if (settledAt === null && world.observer.violation === null)
    world.observer.fail(
      'I12',
      `not everything has caught up ${CALM_LIMIT_MS} ms after the last fault: ${await whatLags(world)}`,
    );
  if (settledAt !== null) await judging;
  for (const role of roles.values()) role.retire();
}

async function createTopics(world: World): Promise<void> {
  const { random, log, truth, model } = world;
  await log.ensureTopic(restatementTopic(world.project), { partitions: 1 });
  for (const topic of model.topics) {
    const raw = truth.partitions.get(topic.stream.change?.of.name ?? '');
    const partitions = raw === undefined ? random.int(...model.size.partitions) : raw.length;
    await log.ensureTopic(topic.topic, { partitions });
    for (let partition = 0; partition < partitions; partition++) {
      // A topic that was there before the project: it begins somewhere, often inside a slice.
      const origin = random.chance(0.5) ? random.int(1, 20) : 0;
      log.addControl(topic.topic, partition, origin);
      await log.trim(topic.topic, partition, origin);
      truth.addPartition(topic.stream.name, origin);
      if (origin % topic.stream.sliceSize !== 0) world.coverage.originsInsideSlice++;
    }
  }
}

function startRoles(world: World): Roles {
  const roles: Roles = new Map();
  const add = (name: string, work: (machine: Machine) => Promise<void>): void =>
    void roles.set(name, new Role(world, name, work));
  for (const topic of world.model.topics)
    for (const partition of world.truth.partitions.get(topic.stream.name)?.keys() ?? [])
      for (const [name, work] of workersOf(world, topic, partition)) add(name, work);
  add('archiver 1', archiver(world));
  add('archiver 2', archiver(world));
  add('runner 1', runner(world));
  if (world.random.chance(0.5)) add('runner 2', runner(world));
  else for (const name of ['scheduler 1', 'scheduler 2']) add(name, scheduler(world));
  add('collector', collector(world));
  add('merger', merger(world));
  add('compactor', compactor(world));
  add('archive collector', archiveCollector(world));
  add('operator', operator(world));
  if (world.correctable.length > 0 && world.random.chance(0.75)) add('corrector', corrector(world));
  // Of two who plan beside one another one is told that what was shown has changed.
  if (roles.has('corrector') && world.random.chance(0.3)) add('corrector 2', corrector(world));
  if (world.correctable.length > 0 && world.random.chance(0.5)) add('redactor', redactor(world));
  if (upsertOf(world) !== null && world.random.chance(0.6)) add('row redactor', rowRedactor(world));
  if (world.tells) add('teller', teller(world));
  add('reader 1', reader(world));
  add('reader 2', reader(world));
  return roles;
}

/** Who works on one partition: of a change stream, its operator too. */
function workersOf(world: World, topic: Topic, partition: number): [string, (machine: Machine) => Promise<void>][] {
  const at = `${topic.stream.name}/${partition}`;
  const newer = (world.model.newer ?? []).filter((each) => each.topic === topic.topic);
  const speed = [topic, ...newer].map((each): [string, (machine: Machine) => Promise<void>] => [
    each === topic ? `speed ${at}` : `speed ${at} by version ${each.stream.version}`,
    speedWorker(world, each, partition),
  ]);
  if (topic.stream.change === undefined) return speed;
  return [
    ...speed,
    [`changes ${at}`, changeMaker(world, topic, partition)],
    [`former ${at}`, formerOperator(world, topic, partition)],
  ];
}

/** Events, more partitions, a shorter log, a new version: what the world outside does. */
function produce(world: World, roles: Roles, durationMs: number): void {
  const { random, kernel, model } = world;
  for (const [index, topic] of model.topics.entries()) {
    // A change stream is what its operator makes of another topic.
    if (topic.stream.change !== undefined) {
      retainLog(world, topic);
      continue;
    }
    const producer = new Producer(world, index, durationMs);
    world.producers.push(producer);
    producer.start();
    if (random.chance(0.6))
      kernel.at(random.next() * durationMs * 0.8, `${topic.topic} grows`, () => growAll(world, roles, topic));
    retainLog(world, topic);
  }
  kernel.at(random.next() * durationMs * 0.9, 'a new version is deployed', () => {
    world.newVersion = true;
  });
}

/** A topic, and what is made of it. */
function growAll(world: World, roles: Roles, topic: Topic): void {
  for (const each of world.model.topics)
    if (each === topic || each.stream.change?.of.name === topic.stream.name) grow(world, roles, each);
}

function grow(world: World, roles: Roles, topic: Topic): void {
  const { truth, log, coverage } = world;
  const { name } = topic.stream;
  const partition = truth.partitions.get(name)?.length ?? 0;
  truth.addPartition(name, 0);
  coverage.partitionsGrown++;
  log.ensureTopic(topic.topic, { partitions: partition + 1 }).catch(() => undefined);
  for (const [worker, work] of workersOf(world, topic, partition)) roles.set(worker, new Role(world, worker, work));
}

function disturb(world: World, roles: Roles, durationMs: number): void {
  const { kernel, random, rates } = world;
  const look = (): void => {
    if (kernel.now >= durationMs) return;
    for (const role of roles.values()) {
      if (random.chance(rates.kill)) role.kill();
      else if (random.chance(rates.pause)) role.pause();
      else if (random.chance(rates.handOver)) role.handOver();
    }
    kernel.at(100, 'faults', look);
  };
  kernel.at(100, 'faults', look);
  world.observer.actedBy = (process) => {
    const role = [...roles.values()].find(({ machine }) => machine.process === process);
    if (role !== undefined && !world.calm && random.chance(rates.killAtPromotion)) role.kill();
  };
  if (world.model.needs.kills > 0)
    for (const role of roles.values()) kernel.at(random.next() * durationMs, 'a crash', () => role.kill());
  if (random.chance(rates.storeLoss)) kernel.at(random.next() * durationMs, 'store loss', () => world.loseStore());
}
