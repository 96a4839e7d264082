import { Corrections } from '@twofold/batch-layer';
import {
  conditionOf,
  nothingSelected,
  type Condition,
  type CorrectionPlan,
  type RedactionCertificate,
} from '@twofold/corrections';
import type { OracleEvent } from '@twofold/oracle';
import { TwofoldError, type Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { checkCertified, checkCopies } from './check-redaction.ts';
import { IN_THE_WAY, someTargets } from './corrector.ts';
import { reviewedRun } from './reviewed-run.ts';
import type { Machine, World } from './world.ts';

const encoder = new TextEncoder();

/** Refusals after which nothing is under way: the plan is of no use any more. */
const GIVEN_UP = new Set(['PLAN_CHANGED', 'PLAN_UNKNOWN', 'VIEW_HELD', 'REDACTING', 'KEY_USED']);

/** Somebody who redacts, beside whoever corrects: plans, applies, and does again what a dead one left. */
export function redactor(world: World) {
  const { random, coverage } = world;
  return async ({ batch, clock, process }: Machine): Promise<void> => {
    const { signal } = process.stop;
    await clock.sleep(random.int(20, 500), signal);
    const layer = {
      archive: () => Promise.resolve(),
      recompute: (views: readonly View[]) => reviewedRun(world, views, batch, signal),
    };
    const corrections = new Corrections(world.project, batch, layer);
    try {
      if (await finishRedaction(world, corrections, signal)) return;
      await redactSome(world, corrections, random.pick(world.correctable).stream, signal);
    } catch (error) {
      const code = error instanceof TwofoldError ? String(error.code) : '';
      if (!IN_THE_WAY.has(code)) throw error;
      coverage.correctionsRefused++;
    }
  };
}

/** Plans a redaction and applies it. */
export async function redactSome(
  world: World,
  corrections: Corrections,
  stream: Stream,
  signal: AbortSignal,
): Promise<void> {
  const { random, ids, truth } = world;
  const last = random.chance(0.5) ? oneOfTheLast(world, stream) : null;
  const where = last?.where ?? someTargets(world, stream);
  const note = { reason: 'must go', ticket: null, author: 'sim', approver: 'other', idempotencyKey: ids.next() };
  const asked = {
    ...note,
    keyIsDrawn: true,
    stream: stream.name,
    kind: 'redact' as const,
    rows: null,
    everything: random.chance(0.5),
  };
  const links = truth.corrected.chain(stream.name).length;
  const plan = await corrections.plan({ ...asked, selection: { ...nothingSelected, where } }, signal);
  const condition = conditionOf(stream, where);
  const drops = checkCopies(world, stream, { plan, condition, links });
  truth.corrected.note(plan.fingerprint, { drops, rows: [], rowTime: 0 });
  world.redacting.push({ stream, plan, condition });
  if (last !== null) sendAgain(world, stream, last.event);
  await finishRedaction(world, corrections, signal);
}

/** One event near the log's end: copies of it are still to come, and have other tokens. */
function oneOfTheLast({ random, truth }: World, stream: Stream): { where: Condition; event: OracleEvent } | null {
  const { classified } = random.pick(truth.partitions.get(stream.name) ?? []);
  const near = classified.slice(-12).flatMap((record) => (record.class === 'applied' ? [record.event] : []));
  if (near.length === 0) return null;
  const event = random.pick(near);
  return { where: { field: 'token', is: 'equals', value: String(event.values.get('token')) }, event };
}

/** While or after it goes its source sends it once more: a repeat of what is erased, while the horizon lasts (E9). */
function sendAgain(world: World, stream: Stream, { values, timeMs }: OracleEvent): void {
  const [id, key, token] = ['id', 'key', 'token'].map((name) => String(values.get(name)));
  const value = encoder.encode(JSON.stringify({ id, key, token: `${token}b`, at: timeMs, amount: 1 }));
  const producer = world.producers.find((each) => each.stream === stream.name);
  producer?.sendLater([{ key: encoder.encode(key), value }], 300);
}

/**
 * The oldest plan of a redaction that is not finished; null: there is none. One that was given up may have been begun all the
 * same, by somebody who stood still meanwhile.
 */
export function unfinished(world: World): World['redacting'][number] | null {
  const isOwed = ({ stream, plan }: World['redacting'][number]): boolean =>
    (isBegun(world, stream, plan) || isInForce(world, stream, plan)) &&
    !world.truth.corrected.erasing(stream.name).finished.includes(idOf(world, stream, plan) ?? '');
  return world.redacting[0] ?? world.givenUp.find(isOwed) ?? null;
}

/** Applies the oldest plan of a redaction that is not finished, whoever began it. False: there is none. */
export async function finishRedaction(world: World, corrections: Corrections, signal: AbortSignal): Promise<boolean> {
  const pending = unfinished(world);
  if (pending === null) return false;
  const { stream, plan } = pending;
  if (isBegun(world, stream, plan)) world.coverage.redactionsResumed++;
  try {
    const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
    const { certificate } = await corrections.apply(plan.id, options, signal);
    if (certificate !== null) await ended(world, pending, certificate);
  } catch (error) {
    const code = error instanceof TwofoldError ? String(error.code) : '';
    const isOwed = isBegun(world, stream, plan) || isInForce(world, stream, plan);
    if (GIVEN_UP.has(code) && !isOwed && drop(world, plan)) world.givenUp.push(pending);
    throw error;
  }
  return true;
}

async function ended(
  world: World,
  pending: World['redacting'][number],
  certificate: RedactionCertificate,
): Promise<void> {
  const { plan } = pending;
  if (!drop(world, plan)) return;
  world.coverage.redactionsFinished++;
  world.coverage.recordsErased += certificate.targets.count;
  await checkCertified(world, pending, certificate);
}

/** False: it is in neither list any more. */
function drop(world: World, plan: CorrectionPlan): boolean {
  for (const list of [world.redacting, world.givenUp]) {
    const at = list.findIndex((each) => each.plan === plan);
    if (at < 0) continue;
    list.splice(at, 1);
    return true;
  }
  return false;
}

function idOf(world: World, stream: Stream, plan: CorrectionPlan): string | undefined {
  return world.truth.corrected.chain(stream.name).find(({ fingerprint }) => fingerprint === plan.fingerprint)?.id;
}

function isBegun(world: World, stream: Stream, plan: CorrectionPlan): boolean {
  const id = idOf(world, stream, plan);
  return id !== undefined && world.observer.row?.redactions?.[stream.name]?.correction === id;
}

function isInForce(world: World, stream: Stream, plan: CorrectionPlan): boolean {
  const id = idOf(world, stream, plan);
  const entries = Object.values(world.observer.row?.entries ?? {});
  return id !== undefined && entries.some((entry) => entry.stream === stream.name && entry.corrections.includes(id));
}
