import { ensureRegistered, recomputeViews, type RecomputeResult } from '@twofold/batch-layer';
import { expectedLedger } from '@twofold/oracle';
import type { Coverage } from './coverage.ts';
import { topics } from './model.ts';
import { reader, readEverything } from './reader.ts';
import { Role } from './role.ts';
import { archiver, collector, letGo, merger, operator, runner, speedWorker } from './services.ts';
import { Violation } from './violation.ts';
import { Workload } from './workload.ts';
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
  options: { readonly raised: boolean; readonly trace?: (line: string) => void },
): Promise<HistoryResult> {
  const world = new World(seed, options.raised);
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
  const durationMs = random.int(1_200, 2_600);
  await createTopics(world);
  const roles = startRoles(world);
  produce(world, roles, durationMs);
  disturb(world, roles, durationMs);
  await kernel.run(durationMs, ended);
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
  const { random, log, truth } = world;
  for (const topic of topics) {
    const partitions = random.int(1, 2);
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

type Roles = Map<string, Role>;

function startRoles(world: World): Roles {
  const roles: Roles = new Map();
  const add = (name: string, work: (machine: Machine) => Promise<void>): void =>
    void roles.set(name, new Role(world, name, work));
  for (const topic of topics)
    for (const partition of world.truth.partitions.get(topic.stream.name)?.keys() ?? [])
      add(`speed ${topic.stream.name}/${partition}`, speedWorker(world, topic, partition));
  add('archiver 1', archiver(world));
  add('archiver 2', archiver(world));
  add('runner 1', runner(world));
  add('runner 2', runner(world));
  add('collector', collector(world));
  add('merger', merger());
  add('operator', operator(world));
  add('reader 1', reader(world));
  add('reader 2', reader(world));
  return roles;
}

/** Events, control positions, more partitions, a shorter log, a new version: what the world outside does. */
function produce(world: World, roles: Roles, durationMs: number): void {
  const { random, kernel, truth, log, coverage } = world;
  topics.forEach((topic, index) => {
    const name = topic.stream.name;
    const workload = new Workload('ab'[index] ?? 'c', world.seed * 2 + index);
    const partitions = (): number => truth.partitions.get(name)?.length ?? 1;
    const total = random.int(90, 220) * partitions();
    let left = total;
    const reach = Math.ceil(1.6 * topic.stream.dedupeHorizon);
    const send = (): void => {
      const some = Math.min(left, random.int(1, 16));
      left -= some;
      const records = workload.take(some, reach);
      const control = random.chance(0.1)
        ? { partition: random.int(0, partitions() - 1), count: random.int(1, 5) }
        : null;
      truth
        .append(log, topic, records, kernel.now)
        .then(() => {
          if (control !== null) truth.addControl(log, topic, control.partition, control.count);
        })
        .catch((error: unknown) => world.observer.fail('UNEXPECTED', String(error)));
      if (left > 0) kernel.at((durationMs * 0.9 * some) / total, `${name} sends`, send);
    };
    kernel.at(random.int(0, 100), `${name} sends`, send);
    if (random.chance(0.6))
      kernel.at(random.next() * durationMs * 0.8, `${name} grows`, () => {
        const partition = partitions();
        truth.addPartition(name, 0);
        coverage.partitionsGrown++;
        log.ensureTopic(topic.topic, { partitions: partition + 1 }).catch(() => undefined);
        roles.set(
          `speed ${name}/${partition}`,
          new Role(world, `speed ${name}/${partition}`, speedWorker(world, topic, partition)),
        );
      });
    const trim = (): void => {
      shorten(world, topic).catch((error: unknown) => world.observer.fail('UNEXPECTED', String(error)));
      kernel.at(random.int(200, 900), `${name} is shortened`, trim);
    };
    if (random.chance(0.6)) kernel.at(random.int(300, 900), `${name} is shortened`, trim);
  });
  kernel.at(random.next() * durationMs * 0.9, 'a new version is deployed', () => {
    world.newVersion = true;
  });
}

/** Lets go of records that are archived. */
async function shorten(world: World, topic: (typeof topics)[number]): Promise<void> {
  const head = await world.archived(topic.stream.name);
  for (const [partition, end] of head.ends.entries())
    if (world.random.chance(0.5)) {
      await world.log.trim(topic.topic, partition, world.random.int(0, end));
      world.coverage.logTrims++;
    }
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
  if (random.chance(rates.storeLoss)) kernel.at(random.next() * durationMs, 'store loss', () => world.loseStore());
}

/** Waits until log, archive and both layers are level, promotes everything once more, and compares all there is. */
async function settle(world: World, roles: Roles, machine: Machine): Promise<void> {
  const { clock, process } = machine;
  const { signal } = process.stop;
  while ((await whatLags(world)) !== null) await clock.sleep(100, signal);
  for (const name of ['operator', 'runner 1', 'runner 2', 'collector']) roles.get(name)?.retire();
  for (const role of roles.values()) for (const { process: zombie } of role.zombies) zombie.kill();
  // What was on its way may still make a candidate live, and with it new lanes.
  await clock.sleep(200, signal);
  while ((await whatLags(world)) !== null) await clock.sleep(100, signal);
  const result = await promoteAll(world, machine);
  world.coverage.slicesCompared += result.facts['slicesCompared'] ?? 0;
  if ((result.facts['slicesNotReached'] ?? 0) > 0)
    world.observer.fail(
      'I12',
      `${result.facts['slicesNotReached']} sealed slices were never folded by the speed layer`,
    );
  // The new cut's remainders have to be folded before the last answers.
  while ((await whatLags(world)) !== null) await clock.sleep(100, signal);
  if ((await readEverything(world, machine)) === 0) world.observer.fail('I12', 'there was nothing to read');
  await checkLedgers(world, machine);
}

/** What was sent by the dead may still arrive and be in the way: tried again, as a schedule would. */
async function promoteAll(world: World, { batch, clock, process }: Machine): Promise<RecomputeResult> {
  const { signal } = process.stop;
  for (let attempt = 1; ; attempt++) {
    try {
      await letGo({ batch, clock, signal });
      await ensureRegistered(world.project, batch, signal);
      return await recomputeViews(world.wanted, batch, signal);
    } catch (error) {
      if (attempt === 5 || world.judge(process, error)) throw error;
    }
    await clock.sleep(200, signal);
  }
}

/** X5: both layers count every position once, as the oracle does. */
async function checkLedgers(world: World, { store, archive }: Machine): Promise<void> {
  for (const { stream } of topics) {
    const partitions = world.truth.partitions.get(stream.name) ?? [];
    const wanted = expectedLedger(
      stream,
      partitions.flatMap((p) => p.classified),
      partitions.map((p) => p.origin),
      partitions.map((p) => p.end),
    );
    const state = await archive.head(stream.name);
    for (const partition of partitions.keys()) {
      const lines = await store.ledger.read(stream.name, partition, 0, Infinity);
      const expected = wanted.filter((line) => line.partition === partition);
      same(world, `speed ledger of ${stream.name}/${partition}`, expected, lines);
      const archived = { applied: 0, duplicate: 0, rejected: 0, control: 0 };
      const counted = { ...archived };
      for (const file of state.files) if (file.partition === partition) addCounts(archived, file.counts);
      for (const line of expected) addCounts(counted, line);
      same(world, `archive counts of ${stream.name}/${partition}`, counted, archived);
    }
  }
}

interface Counts {
  applied: number;
  duplicate: number;
  rejected: number;
  control: number;
}

function addCounts(sum: Counts, more: Readonly<Counts>): void {
  sum.applied += more.applied;
  sum.duplicate += more.duplicate;
  sum.rejected += more.rejected;
  sum.control += more.control;
}

function same(world: World, what: string, expected: unknown, found: unknown): void {
  const [a, b] = [canonical(expected), canonical(found)];
  if (a !== b) world.observer.fail('X5', `${what}: is ${b} and should be ${a}`);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** What has not caught up yet; null: nothing. */
async function whatLags(world: World): Promise<string | null> {
  const { row } = world.observer;
  if (row === null) return 'the project is not registered';
  for (const { stream } of topics) {
    const partitions = world.truth.partitions.get(stream.name) ?? [];
    if ((row.streams[stream.name]?.origins.length ?? 0) < partitions.length) return `partitions of ${stream.name}`;
    const archived = await world.archived(stream.name);
    for (const [partition, { end }] of partitions.entries()) {
      const at = archived.ends[partition] ?? 0;
      if (at < end) return `the archive of ${stream.name}/${partition} ends at ${at} of ${end}`;
    }
  }
  return world.lanesBehind(row);
}
