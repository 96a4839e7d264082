import {
  Corrections,
  ensureRegistered,
  recomputeViews,
  type RecomputeOptions,
  type RecomputeResult,
} from '@twofold/batch-layer';
import { BatchReader, ByteCache } from '@twofold/serving-api';
import { TwofoldError } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { checkLedgers } from './check-ledgers.ts';
import { checkStates } from './check-row-redaction.ts';
import { compareRows, compareViews } from './compare-views.ts';
import { correctAtRest } from './correct-at-rest.ts';
import { IN_THE_WAY } from './corrector.ts';
import { readEverything } from './reader.ts';
import { finishRedaction, redactSome, unfinished } from './redactor.ts';
import type { Role } from './role.ts';
import { applyRowsAgain, finishAllRows } from './row-redactor.ts';
import { letGo } from './services.ts';
import { checkFeed } from './teller.ts';
import type { Machine, World } from './world.ts';

export type Roles = Map<string, Role>;

/** More rounds of events and promotions than this are not needed to show all that a history has to show. */
const ROUNDS = 6;

/** Those that change what is live: nobody does, once everything has caught up. */
const CHANGERS = [
  'corrector',
  'corrector 2',
  'redactor',
  'row redactor',
  'operator',
  'runner 1',
  'runner 2',
  'scheduler 1',
  'scheduler 2',
  'collector',
];

/** Waits until log, archive and both layers are level, promotes everything once more, and compares all there is. */
export async function settle(world: World, roles: Roles, machine: Machine): Promise<void> {
  const { clock, process } = machine;
  const { signal } = process.stop;
  world.observer.gates.silent = true;
  const level = async (): Promise<void> => {
    while ((await whatLags(world)) !== null) await clock.sleep(100, signal);
  };
  await level();
  while (roles.has('scheduler 1') && !world.slotServed) await clock.sleep(100, signal);
  for (const name of CHANGERS) roles.get(name)?.retire();
  for (const role of roles.values()) for (const { process: zombie } of role.zombies) zombie.kill();
  // What was on its way may still make a candidate live, and with it new lanes.
  await clock.sleep(200, signal);
  await level();
  await finishAll(world, machine, false);
  if (world.correctsAtRest) {
    // Everything that came is live then: from here on corrections alone make releases, and gates hold those.
    await promoteAll(world, machine);
    await level();
    world.observer.gates.silent = false;
    await correctAtRest(world, machine);
    world.observer.gates.silent = true;
  }
  await finishAll(world, machine, roles.has('redactor') && world.coverage.redactionsFinished === 0);
  await finishAllRows(world, machine, roles.has('row redactor') && world.coverage.rowRedactions === 0);
  await level();
  await applyRowsAgain(world, machine);
  await level();
  for (let round = 1; round <= ROUNDS && needs(world) !== null; round++) {
    // A store that was lost may have been registered anew with the new version: then the old one is promoted over it.
    world.newVersion = round % 2 === 1;
    for (const producer of world.producers) await producer.sendNow(40);
    await level();
    await promoteAll(world, machine, { chooseCut: insideSlice });
    await level();
  }
  const missing = needs(world);
  if (missing !== null) world.observer.fail('NEEDS', missing);
  const result = await promoteAll(world, machine);
  world.coverage.slicesCompared += result.facts['slicesCompared'] ?? 0;
  if ((result.facts['slicesNotReached'] ?? 0) > 0)
    world.observer.fail(
      'I12',
      `${result.facts['slicesNotReached']} sealed slices were never folded by the speed layer`,
    );
  // The new cut's remainders have to be folded before the last answers.
  await level();
  if ((await readEverything(world, machine)) === 0) world.observer.fail('I12', 'there was nothing to read');
  const cache = new ByteCache(0);
  const ports = { store: machine.store, batch: new BatchReader(machine.store, cache), cache, clock };
  await compareViews(world, ports);
  await compareRows(world, ports);
  if (world.observer.row !== null) world.repeats.countCuts(world.observer.row);
  await checkLedgers(world, machine);
  // By then operators have looked what was erased.
  if (world.rows.erased.length > 0) await clock.sleep(2_000, signal);
  for (const erased of world.rows.erased) checkStates(world, erased);
  if (roles.has('teller')) await checkFeed(world);
  const broken = await world.brokenArchive();
  if (broken !== null) world.observer.fail('E12', broken);
}

/**
 * A redaction that was begun is finished, whoever began it: nothing is built without it any more.
 * @param atLeastOne what everybody has left behind by now is redacted once more, if nothing was
 */
async function finishAll(world: World, machine: Machine, atLeastOne: boolean): Promise<void> {
  const { batch, clock, process } = machine;
  const { signal } = process.stop;
  const layer = {
    archive: () => Promise.resolve(),
    recompute: (views: readonly View[]) => recomputeViews(views, batch, signal),
  };
  const corrections = new Corrections(world.project, batch, layer);
  for (let attempt = 1; unfinished(world) !== null || (atLeastOne && attempt === 1); attempt++) {
    try {
      await letGo({ batch, clock, signal });
      if (!(await finishRedaction(world, corrections, signal)) && atLeastOne)
        await redactSome(world, corrections, world.random.pick(world.correctable).stream, signal);
    } catch (error) {
      const code = error instanceof TwofoldError ? String(error.code) : '';
      if (!IN_THE_WAY.has(code) && (attempt === 8 || world.judge(process, error))) throw error;
      await clock.sleep(100, signal);
    }
  }
}

/** What the history has to show and has not yet; null: nothing. */
function needs({ model, coverage }: World): string | null {
  for (const name of ['promotions', 'versionPromotions', 'cutsInsideSlice', 'kills'] as const)
    if (coverage[name] < model.needs[name]) return `${name}: ${coverage[name]} of ${model.needs[name]}`;
  return null;
}

/** The last position below the archive's end that is no edge of a slice. */
function insideSlice({ stream }: View, _: number, from: number, archived: number): number {
  const cut = archived % stream.sliceSize === 0 ? archived - 1 : archived;
  return Math.max(from, cut);
}

/** What was sent by the dead may still arrive and be in the way: tried again, as a schedule would. */
async function promoteAll(
  world: World,
  { batch, clock, process }: Machine,
  options: RecomputeOptions = {},
): Promise<RecomputeResult> {
  const { signal } = process.stop;
  for (let attempt = 1; ; attempt++) {
    try {
      await letGo({ batch, clock, signal });
      await ensureRegistered(world.project, batch, signal);
      return await recomputeViews(world.wanted, batch, signal, options);
    } catch (error) {
      if (attempt === 5 || world.judge(process, error)) throw error;
    }
    await clock.sleep(200, signal);
  }
}

/** What has not caught up yet; null: nothing. */
export async function whatLags(world: World): Promise<string | null> {
  const { row } = world.observer;
  if (row === null) return 'the project is not registered';
  if (world.sending > 0) return 'events are still sent';
  for (const { stream } of world.model.topics) {
    const partitions = world.truth.partitions.get(stream.name) ?? [];
    if ((row.streams[stream.name]?.origins.length ?? 0) < partitions.length) return `partitions of ${stream.name}`;
    const archived = await world.archived(stream.name);
    for (const [partition, { end }] of partitions.entries()) {
      const at = archived.ends[partition] ?? 0;
      const { missing } = world.truth.changes(stream, partition);
      if (missing > 0) return `${missing} changes of ${stream.name}/${partition}`;
      if (at < end) return `the archive of ${stream.name}/${partition} ends at ${at} of ${end}`;
    }
  }
  const lacking = await world.lacksDerived();
  if (lacking !== null) return lacking;
  if (world.tells && (row.untold ?? []).length > 0) return 'somebody is to be told what a release changed';
  return world.lanesBehind(row);
}
