import { Corrections } from '@twofold/batch-layer';
import { conditionOf, nothingSelected, type CorrectionPlan, type RedactionCertificate } from '@twofold/corrections';
import { TwofoldError, type Stream } from '@twofold/schemas';
import { checkCertified, checkCopies, expectedCopies } from './check-redaction.ts';
import { someCondition } from './corrector.ts';
import type { World } from './world.ts';

/** Refusals after which nothing is under way: the plan is of no use any more. */
const GIVEN_UP = new Set(['PLAN_CHANGED', 'PLAN_UNKNOWN', 'VIEW_HELD', 'REDACTING', 'KEY_USED']);

/** Plans a redaction, and applies it a while later. */
export async function redactSome(
  world: World,
  corrections: Corrections,
  stream: Stream,
  signal: AbortSignal,
): Promise<void> {
  const { random, ids, truth } = world;
  const where = someCondition(random);
  const note = { reason: 'must go', ticket: null, author: 'sim', approver: 'other', idempotencyKey: ids.next() };
  const asked = { ...note, stream: stream.name, kind: 'redact' as const, rows: null, everything: random.chance(0.5) };
  const plan = await corrections.plan({ ...asked, selection: { ...nothingSelected, where } }, signal);
  const copies = expectedCopies(world, stream, plan, conditionOf(stream, where));
  checkCopies(world, stream, plan, copies);
  truth.corrected.note(plan.fingerprint, { drops: copies, rows: [], rowTime: 0 });
  world.redacting.push({ stream, plan });
  await finishRedaction(world, corrections, signal);
}

/** Applies the oldest plan of a redaction that is not finished, whoever began it. False: there is none. */
export async function finishRedaction(world: World, corrections: Corrections, signal: AbortSignal): Promise<boolean> {
  const [pending] = world.redacting;
  if (pending === undefined) return false;
  const { stream, plan } = pending;
  const isBegun = (): boolean =>
    world.observer.row?.redactions?.[stream.name]?.correction === idOf(world, stream, plan);
  if (isBegun()) world.coverage.redactionsResumed++;
  try {
    const options = { fingerprint: plan.fingerprint, gates: [], preview: false };
    const { certificate } = await corrections.apply(plan.id, options, signal);
    if (certificate !== null) await ended(world, stream, plan, certificate);
  } catch (error) {
    const code = error instanceof TwofoldError ? String(error.code) : '';
    if (GIVEN_UP.has(code) && !isBegun() && !isInForce(world, stream, plan)) drop(world, plan);
    throw error;
  }
  return true;
}

async function ended(
  world: World,
  stream: Stream,
  plan: CorrectionPlan,
  certificate: RedactionCertificate,
): Promise<void> {
  if (!world.redacting.some((each) => each.plan === plan)) return;
  drop(world, plan);
  world.coverage.redactionsFinished++;
  world.coverage.recordsErased += certificate.targets.count;
  await checkCertified(world, stream, certificate);
}

function drop(world: World, plan: CorrectionPlan): void {
  const at = world.redacting.findIndex((each) => each.plan === plan);
  if (at >= 0) world.redacting.splice(at, 1);
}

function idOf(world: World, stream: Stream, plan: CorrectionPlan): string | undefined {
  return world.truth.corrected.chain(stream.name).find(({ fingerprint }) => fingerprint === plan.fingerprint)?.id;
}

function isInForce(world: World, stream: Stream, plan: CorrectionPlan): boolean {
  const id = idOf(world, stream, plan);
  const entries = Object.values(world.observer.row?.entries ?? {});
  return id !== undefined && entries.some((entry) => entry.stream === stream.name && entry.corrections.includes(id));
}
