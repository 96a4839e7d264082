import { createMemoryBlobs } from '@twofold/archive';
import { Corrections, loadCertificate, type BatchPorts } from '@twofold/batch-layer';
import {
  conditionOf,
  nothingSelected,
  type Condition,
  type CorrectionPlan,
  type RedactionCertificate,
} from '@twofold/corrections';
import { currentRows } from '@twofold/oracle';
import { TwofoldError, type Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { checkRepeats, dueRepeats } from './check-repeats.ts';
import { checkCertified } from './check-redaction.ts';
import { checkRows, checkStates } from './check-row-redaction.ts';
import { IN_THE_WAY } from './corrector.ts';
import { repeatSome } from './late-appends.ts';
import { reviewedRun } from './reviewed-run.ts';
import { letGo } from './services.ts';
import type { Machine, World } from './world.ts';

/** A redaction of rows whose certificate nobody has seen yet. */
export interface PendingRows {
  readonly stated: Stream;
  readonly made: Stream;
  readonly plan: CorrectionPlan;
  /** Of what was made of them; null: nothing was. */
  readonly derived: CorrectionPlan | null;
  readonly where: Condition;
  /** Keys of the rows. */
  readonly items: ReadonlySet<string>;
  /** Virtual time. */
  readonly plannedAt: number;
}

const GIVEN_UP = new Set(['PLAN_CHANGED', 'PLAN_UNKNOWN', 'VIEW_HELD', 'REDACTING', 'KEY_USED']);
const REFUSED = new Set([...IN_THE_WAY, 'ROW_HELD', 'SPEED_BEHIND']);
const PATIENCE_MS = 3_000;
const LOOK_MS = 30;

/** The upsert stream of the model and what is made of it; null: there is none. */
export function upsertOf({ model }: World): { readonly stated: Stream; readonly made: Stream } | null {
  const made = model.topics.find(({ stream }) => stream.change !== undefined)?.stream;
  return made?.change === undefined ? null : { stated: made.change.of, made };
}

/** Somebody who erases rows: plans, applies, and does again what a dead one left. */
export function rowRedactor(world: World) {
  const { random, coverage } = world;
  return async (machine: Machine): Promise<void> => {
    const { signal } = machine.process.stop;
    await machine.clock.sleep(random.int(100, 700), signal);
    try {
      if (!(await finishRows(world, machine))) await eraseSomeRows(world, machine);
    } catch (error) {
      const code = error instanceof TwofoldError ? String(error.code) : '';
      if (!REFUSED.has(code)) throw error;
      if (code === 'ROW_HELD') coverage.rowsHeld++;
    }
  };
}

/** Plans a redaction of some rows and applies it. */
export async function eraseSomeRows(world: World, machine: Machine): Promise<void> {
  const { random, ids, truth } = world;
  const upsert = upsertOf(world);
  if (upsert === null) return;
  const { stated, made } = upsert;
  const { signal } = machine.process.stop;
  const where = someRows(world, stated, made);
  const corrections = correctionsOf(world, machine);
  const note = { reason: 'must go', ticket: null, author: 'sim', approver: 'other', idempotencyKey: ids.next() };
  const asked = {
    ...note,
    keyIsDrawn: true,
    stream: stated.name,
    kind: 'redact' as const,
    rows: null,
    everything: true,
  };
  const plan = await corrections.plan({ ...asked, selection: { ...nothingSelected, where } }, signal);
  const named = plan.erases?.derived;
  const derived = named === undefined ? null : await corrections.planOf(named.plan);
  const found = checkRows(world, { stated, made, plan, derived, condition: conditionOf(stated, where) });
  truth.corrected.note(plan.fingerprint, { drops: found.restatements, rows: [], rowTime: 0 });
  if (derived !== null) truth.corrected.note(derived.fingerprint, { drops: found.changes, rows: [], rowTime: 0 });
  const pending = { stated, made, plan, derived, where, items: found.items, plannedAt: world.kernel.now };
  world.rows.erasing.push(pending);
  world.rows.planned.push(pending);
  repeatSome(world, pending);
  await machine.clock.sleep(random.int(0, 200), signal);
  await finishRows(world, machine);
}

/** Mostly a row that was taken away, by one of its restatements; now and then one that may hold still. */
function someRows({ random, truth }: World, stated: Stream, made: Stream): Condition {
  const all = (truth.partitions.get(stated.name) ?? []).flatMap(({ classified }) => classified);
  const events = all.flatMap((record) => (record.class === 'applied' ? [record.event] : []));
  const held = new Set(
    currentRows(made, all).flatMap((row) => (row.class === 'rejected' ? [] : [String(row.event.values.get('item'))])),
  );
  const gone = events.filter(({ values }) => !held.has(String(values.get('item'))));
  const event = random.pick(gone.length > 0 && random.chance(0.9) ? gone : events.length > 0 ? events : [null]);
  if (event === null) return { field: 'item', is: 'equals', value: 'i1' };
  const field = random.pick(['item', 'token']);
  return { field, is: 'equals', value: String(event.values.get(field)) };
}

/** Applies the oldest plan that is not finished, whoever began it. False: there is none. */
export async function finishRows(world: World, machine: Machine): Promise<boolean> {
  const [pending] = world.rows.erasing;
  if (pending === undefined) return false;
  const { plan, derived, stated, made } = pending;
  const plans = [plan, ...(derived === null ? [] : [derived])];
  const isBegun = (): boolean => plans.some((each) => isUnderWay(world, each));
  if (isBegun()) world.coverage.redactionsResumed++;
  try {
    const certificate = await applyRows(world, machine, pending);
    if (certificate === null || !world.rows.erasing.includes(pending)) return true;
    drop(world, pending);
    world.rows.erased.push(pending);
    world.coverage.rowRedactions++;
    const { where } = pending;
    await checkCertified(world, { stream: stated, condition: conditionOf(stated, where) }, certificate);
    checkStates(world, pending);
    if (derived === null) return true;
    const id = idOf(world, derived) ?? '';
    const other = await loadCertificate(machine.archive, { id, stream: made.name });
    if (other === null)
      world.observer.fail('E21', `${certificate.correction} is certified, and what was made of it not`);
    else await checkCertified(world, { stream: made, condition: conditionOf(stated, where) }, other);
  } catch (error) {
    const code = error instanceof TwofoldError ? String(error.code) : '';
    if (GIVEN_UP.has(code) && !isBegun() && !isMarked(world, plan)) drop(world, pending);
    throw error;
  }
  return true;
}

/** Afterwards nothing that was repeated by then is left, of these rows and of those that were erased before. */
async function applyRows(world: World, machine: Machine, pending: PendingRows): Promise<RedactionCertificate | null> {
  const { plan, made, stated, where } = pending;
  const marked = world.rows.planned.filter((each) => each === pending || isMarked(world, each.plan));
  const due = dueRepeats(world, marked);
  const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
  const corrections = correctionsOf(world, machine);
  const { certificate, alreadyInForce, facts } = await corrections.apply(plan.id, options, machine.process.stop.signal);
  if (certificate === null) return null;
  checkRepeats(world, due, certificate);
  world.coverage[alreadyInForce ? 'repeatsErasedLater' : 'repeatsErased'] += facts['repeatsErased'] ?? 0;
  for (const link of world.truth.corrected.chain(made.name)) {
    const repeats =
      link.erases?.repeats !== true ? null : await loadCertificate(machine.archive, { ...link, stream: made.name });
    if (repeats !== null) await checkCertified(world, { stream: made, condition: conditionOf(stated, where) }, repeats);
  }
  return certificate;
}

/** What came after the certificates goes when any of them is applied once more. */
export async function applyRowsAgain(world: World, machine: Machine): Promise<void> {
  if (world.rows.erased.length === 0) return;
  const { process, clock, batch } = machine;
  for (let attempt = 1; ; attempt++)
    try {
      await letGo({ batch, clock, signal: process.stop.signal });
      await applyRows(world, machine, world.random.pick(world.rows.erased));
      return;
    } catch (error) {
      if (attempt === 8 || world.judge(process, error)) throw error;
      await clock.sleep(100, process.stop.signal);
    }
}

/** What was begun is finished, and what was never erased in the history is erased once, if that can be. */
export async function finishAllRows(world: World, machine: Machine, atLeastOne: boolean): Promise<void> {
  if (upsertOf(world) === null) return;
  const { process, clock, batch } = machine;
  for (let attempt = 1; world.rows.erasing.length > 0 || (atLeastOne && attempt === 1); attempt++)
    try {
      await letGo({ batch, clock, signal: process.stop.signal });
      if (!(await finishRows(world, machine)) && atLeastOne) await eraseSomeRows(world, machine);
    } catch (error) {
      const code = error instanceof TwofoldError ? String(error.code) : '';
      if (!REFUSED.has(code) && (attempt === 8 || world.judge(process, error))) throw error;
      await clock.sleep(100, process.stop.signal);
    }
}

function drop({ rows: { erasing } }: World, pending: PendingRows): void {
  const at = erasing.indexOf(pending);
  if (at >= 0) erasing.splice(at, 1);
}

function idOf({ truth }: World, { stream, fingerprint }: CorrectionPlan): string | undefined {
  return truth.corrected.chain(stream).find((each) => each.fingerprint === fingerprint)?.id;
}

/** Begun, and not completed. */
function isUnderWay(world: World, plan: CorrectionPlan): boolean {
  const mark = world.observer.row?.redactions?.[plan.stream];
  return mark?.release === null && mark.correction === idOf(world, plan);
}

function isMarked(world: World, plan: CorrectionPlan): boolean {
  const id = idOf(world, plan);
  const chain = world.truth.corrected.chain(plan.stream);
  return world.markedRedactions(plan.stream).some((number) => chain[number]?.id === id);
}

/** Corrections as a process makes them that waits for the archive, and reaches the states of operators. */
function correctionsOf(world: World, { batch, clock, process }: Machine): Corrections {
  const { signal } = process.stop;
  const ports: BatchPorts = { ...batch, states: statesOf(world, process) };
  return new Corrections(world.project, ports, {
    archive: async (stream) => {
      const due = (world.truth.partitions.get(stream) ?? []).map(({ end }) => end);
      const until = clock.monotonic() + PATIENCE_MS;
      const isDue = async (): Promise<boolean> => {
        const { ends } = await world.archived(stream);
        return due.every((end, partition) => (ends[partition] ?? 0) >= end);
      };
      while (!(await isDue()) && clock.monotonic() < until) await clock.sleep(LOOK_MS, signal);
    },
    recompute: (views: readonly View[]) => reviewedRun(world, views, batch, signal),
  });
}

function statesOf({ files, network }: World, process: Machine['process']): NonNullable<BatchPorts['states']> {
  const stored = createMemoryBlobs(files.stored);
  const names = (stream: string): string[] =>
    [...files.stored.keys()].filter((name) => name.startsWith(`operators/${stream}/`));
  return {
    list: (stream) => network.read(process, 'list states', () => Promise.resolve(names(stream))),
    remove: (name) => network.write(process, 'remove state', () => stored.remove(name)),
  };
}
