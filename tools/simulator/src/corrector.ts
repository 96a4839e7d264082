import { Corrections, readControl, type ApplyOptions, type ApplyResult, type BatchPorts } from '@twofold/batch-layer';
import {
  conditionOf,
  nothingSelected,
  type Condition,
  type CorrectionKind,
  type CorrectionPlan,
  type ReleaseDiff,
} from '@twofold/corrections';
import { correctionsOf, liveRelease } from '@twofold/releases';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { checkDiff, checkPlan, expectedTargets } from './check-correction.ts';
import { reviewedRun } from './reviewed-run.ts';
import type { Random } from './rng.ts';
import type { Machine, World } from './world.ts';

/** Refusals that a correction may meet while others work. */
export const IN_THE_WAY = new Set([
  ...['PLAN_CHANGED', 'VIEW_HELD', 'NOTHING_MATCHES', 'EVERYTHING_MATCHES', 'NOT_IN_FORCE', 'BASE_BEHIND'],
  // Nobody has recomputed yet.
  ...['NOT_REGISTERED'],
  // A redaction removes plans.
  ...['REDACTING', 'NOT_REVERTIBLE', 'PLAN_UNKNOWN'],
  'GATE_BLOCKED',
]);

const START = Date.UTC(2026, 0, 1);

/** Corrections as a process makes them. */
export function correctionsOn(world: World, batch: BatchPorts, signal: AbortSignal): Corrections {
  return new Corrections(world.project, batch, {
    archive: () => Promise.resolve(),
    recompute: (views: readonly View[]) => reviewedRun(world, views, batch, signal),
  });
}

/** Somebody who corrects: plans, takes a while, applies; now and then only looks, and now and then takes back. */
export function corrector(world: World) {
  const { random, coverage } = world;
  return async ({ batch, clock, process }: Machine): Promise<void> => {
    const { signal } = process.stop;
    await clock.sleep(random.int(20, 250), signal);
    const { stream } = random.pick(world.correctable);
    const corrections = correctionsOn(world, batch, signal);
    try {
      const row = await readControl(batch.store.control, clock, signal);
      const inForce = row === null ? [] : correctionsOf(row, liveRelease(row), stream.name);
      const takeBack = inForce.length > 0 && random.chance(0.35);
      const plan = takeBack
        ? await planInverse(world, corrections, random.pick(inForce), signal)
        : await planSome(world, corrections, stream, signal);
      await clock.sleep(random.int(0, 120), signal);
      const options = { fingerprint: plan.fingerprint, gates: [], preview: random.chance(0.1) };
      const result = await applied(world, corrections, plan, options, signal);
      if (result.diff !== null) checkDiff(world, stream, plan, result.diff);
      if (result.release === null) return;
      coverage.correctionsPromoted++;
      if (takeBack) coverage.correctionsTakenBack++;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!IN_THE_WAY.has(code)) throw error;
      coverage.correctionsRefused++;
    }
  };
}

/** What a gate stops is asked whether it had to. */
export async function applied(
  world: World,
  corrections: Corrections,
  plan: CorrectionPlan,
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<ApplyResult> {
  try {
    return await corrections.apply(plan.id, options, signal);
  } catch (error) {
    if (isTwofoldError(error) && error.code === 'GATE_BLOCKED') {
      const name = `${plan.stream}.corrections/documents/diff-${String(error.facts?.['diff'])}.json`;
      const bytes = world.files.stored.get(name);
      // A redaction may have removed it.
      const diff = bytes === undefined ? null : (JSON.parse(new TextDecoder().decode(bytes)) as ReleaseDiff);
      if (diff !== null) world.observer.gates.blocked(plan.stream, diff, plan.base);
    }
    throw error;
  }
}

function noteOf(world: World) {
  return { reason: 'wrong', ticket: null, author: 'sim', approver: null, idempotencyKey: world.ids.next() };
}

async function planInverse(
  world: World,
  corrections: Corrections,
  id: string,
  signal: AbortSignal,
): Promise<CorrectionPlan> {
  const plan = await corrections.planRevert(id, noteOf(world), signal);
  world.truth.corrected.note(plan.fingerprint, { drops: [], rows: [], rowTime: 0 });
  return plan;
}

async function planSome(
  world: World,
  corrections: Corrections,
  stream: Stream,
  signal: AbortSignal,
): Promise<CorrectionPlan> {
  const { random } = world;
  const kind = random.pick<CorrectionKind>(['retract', 'retract', 'replace', 'add', 'restate']);
  const rows = kind === 'add' || kind === 'replace' ? someRows(world, random.int(1, 4)) : null;
  const where = kind === 'add' ? null : someTargets(world, stream);
  return planChecked(world, corrections, { stream, kind, rows, where, everything: random.chance(0.5) }, signal);
}

export interface Asked {
  readonly stream: Stream;
  readonly kind: CorrectionKind;
  readonly rows: readonly Uint8Array[] | null;
  readonly where: Condition | null;
  readonly everything: boolean;
}

/** Plans it, and holds the plan against what it should hit. */
export async function planChecked(
  world: World,
  corrections: Corrections,
  { stream, kind, rows, where, everything }: Asked,
  signal: AbortSignal,
): Promise<CorrectionPlan> {
  const selection = { ...nothingSelected, where };
  const asked = { ...noteOf(world), stream: stream.name, kind, selection, everything };
  const plan = await corrections.plan({ ...asked, rows: rows === null ? null : linesOf(rows) }, signal);
  const expected = where === null ? [] : expectedTargets(world, stream, plan, conditionOf(stream, where));
  checkPlan(world, stream, plan, expected);
  world.truth.corrected.note(plan.fingerprint, {
    drops: kind === 'restate' ? [] : expected,
    rows: rows ?? [],
    rowTime: plan.plannedAt,
  });
  return plan;
}

/** What somebody corrects: mostly events of the log, now and then a row that a correction added. */
export function someTargets(world: World, stream: Stream): Condition {
  const { random, observer, truth } = world;
  const entry = Object.values(observer.row?.entries ?? {}).find((each) => each.stream === stream.name);
  const { added } = truth.corrected.effectOf(stream, entry?.corrections ?? []);
  if (added.length === 0 || random.chance(0.6)) return someCondition(random);
  const row = random.pick(added);
  const id = row.class === 'rejected' ? null : row.event.values.get('id');
  return typeof id === 'string' ? { field: 'id', is: 'equals', value: id } : someCondition(random);
}

/** From one key's events to nearly all. */
function someCondition(random: Random): Condition {
  const key: Condition = { field: 'key', is: 'equals', value: `k${random.int(0, 4)}` };
  const amount: Condition = {
    field: 'amount',
    is: random.pick(['atMost', 'greaterThan']),
    value: random.int(-800, 800),
  };
  const late: Condition = { field: 'at', is: 'lessThan', value: START + random.int(0, 600_000) };
  const all = random.pick([[key], [key, amount], [amount, late], [late]]);
  return all.length === 1 ? (all[0] ?? key) : { all };
}

/** Events of all times, with ids and tokens that no producer sends. */
export function someRows({ random, ids }: World, count: number): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const id = `c${ids.next().slice(-8)}`;
    const at = START + random.int(-3_600_000, 3_600_000);
    const event = { id, key: `k${random.int(0, 4)}`, token: `t${id}`, at, amount: random.int(-1000, 1000) };
    return new TextEncoder().encode(JSON.stringify(event));
  });
}

function linesOf(rows: readonly Uint8Array[]): Uint8Array {
  return new TextEncoder().encode(rows.map((row) => new TextDecoder().decode(row)).join('\n'));
}
