import { sha256, targetsName, type StoredCorrection } from '@twofold/archive';
import {
  CorrectionError,
  decodeTargets,
  isOvertaken,
  type CorrectionPlan,
  type RedactionCertificate,
  type Targets,
} from '@twofold/corrections';
import { beginRedaction, completeUnviewed, correctionsOf, liveRelease, type ControlRow } from '@twofold/releases';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import { changeControl } from '../../change-control.ts';
import { collect } from '../../collect.ts';
import { BatchError } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import type { BatchPorts } from '../../ports.ts';
import { buildAndPromote, mustRead, unseen } from '../../recompute-views.ts';
import { findByKey } from '../append-link.ts';
import { isInForce, type ApplyGround, type ApplyOptions, type ApplyResult } from '../apply-correction.ts';
import { noteInForce } from '../note-in-force.ts';
import { planChanged, requireBase, requireFree, requireShown } from '../still-as-shown.ts';
import { appendRedaction, requireAllSearched } from './append-redaction.ts';
import { loadCertificate, writeCertificate } from './certificate.ts';
import { cleanUp } from './clean-up.ts';
import type { ErasedRepeats } from './erase-repeats.ts';
import { markArchive, rewriteChain } from './rewrite-archive.ts';
import { chainsOf } from './stream-chains.ts';

/** Attempts of what somebody else was in the way of. */
const ATTEMPTS = 8;

/**
 * Erases what a plan showed (E21). Each step is told by its effect, so an apply that was cut short anywhere is repeated
 * and ends in the same: the correction in its chain; every target below the live cut; nothing but live left, and no lane
 * below a target; the archive's manifest says what is blank; its files hold it no more; a release is built without it,
 * sharing nothing, and made live alone; then everything that nobody names any more goes, twice, and the log where it can
 * be reached. Only after that, and of rows after what operators repeated is looked for, there is a certificate.
 */
export async function applyRedaction(
  ground: ApplyGround,
  options: ApplyOptions,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const { plan, views, stream } = ground;
  if (options.preview || options.gates.length > 0 || options.shown != null)
    throw new CorrectionError(
      'CORRECTION_INVALID',
      'A redaction has no preview and no gates: a difference would keep what is to be erased. Plan a retract of the same to see what would change. Nothing was erased.',
    );
  requireShown(plan, options.fingerprint, stream);
  const row = await mustRead(ports, signal);
  let correction = await findByKey(plan, ports);
  if (correction === null) {
    requireNobodyElse(row, plan);
    requireBase(plan, row);
    requireFree(views, row, stream);
    correction = await appendRedaction(plan, stream, ports, signal);
  }
  const known = await loadCertificate(ports.archive, correction);
  if (known !== null) {
    const later = await ground.eraseRepeats?.(signal);
    return ended(correction, { certificate: known, facts: repeatsOf(later), alreadyInForce: true });
  }
  const facts: Record<string, number> = {};
  for (let attempt = 1; ; attempt++) {
    try {
      await makeLive(correction, ground, facts, ports, signal);
      break;
    } catch (error) {
      if (!isTwofoldError(error) || !error.retryable || attempt === ATTEMPTS) throw error;
    }
  }
  const task = { correction, stream, topic: ground.topic, made: ground.made };
  const found = await cleanUp(task, ports, signal);
  // As late as can be: what an operator had in hand when this was planned has come by now, or comes after the certificate.
  const repeats = await ground.eraseRepeats?.(signal);
  const all = { ...facts, ...found.facts, ...repeatsOf(repeats) };
  const certificate = await writeCertificate(correction, { ...found, facts: all }, repeats ?? null, ports, signal);
  return ended(correction, { certificate, facts: { ...facts, ...repeatsOf(repeats) }, alreadyInForce: false });
}

function repeatsOf(repeats: ErasedRepeats | undefined): Record<string, number> {
  return repeats === undefined || repeats.erased === 0 ? {} : { repeatsErased: repeats.erased };
}

function ended(
  { id }: StoredCorrection,
  of: { readonly certificate: RedactionCertificate } & Pick<ApplyResult, 'facts' | 'alreadyInForce'>,
): ApplyResult {
  return { correction: id, release: of.certificate.release.id, diff: null, ...of };
}

function requireNobodyElse({ redactions }: ControlRow, { stream }: CorrectionPlan): void {
  const mark = redactions?.[stream];
  if (mark?.release !== null) return;
  throw new CorrectionError(
    'REDACTING',
    `Stream ${stream} is being redacted by correction ${mark.correction}; finish that first, by applying its plan again. Nothing was erased by this one.`,
  );
}

/** Everything up to the release that is live without the targets; what is done already is passed over. */
async function makeLive(
  correction: StoredCorrection,
  ground: ApplyGround,
  facts: Record<string, number>,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<void> {
  const { stream, views, plan, watch } = ground;
  const targets = await loadTargets(correction, ports);
  if (
    !(await isInForce(correction, await mustRead(ports, signal), ports)) &&
    !(await isBegun(correction, ports, signal))
  ) {
    const row = await mustRead(ports, signal);
    // Two may have their links: who begins second can bring nothing up until the first has ended.
    requireNobodyElse(row, plan);
    requireBase(plan, row);
    await ground.bringUp(views, signal);
    // Once more: between its own link and its beginning corrections may still be appended.
    requireAllSearched(plan, await ports.archive.corrections(stream.name).list());
    await begin(correction, plan, ports, signal);
  }
  // Rows below the floors first: from then on nobody can write one of a slice that is folded anew with blanks (E8).
  if (!(await ports.archive.head(stream.name)).redactions.includes(correction.number)) {
    await collect(ports, signal);
  }
  await markArchive(correction, ports, signal);
  await removeUnnamedRows(stream.name, ports, signal);
  facts['filesRewritten'] = (facts['filesRewritten'] ?? 0) + (await rewriteFiles(stream, targets, ports, signal));
  const row = await mustRead(ports, signal);
  if (await isInForce(correction, row, ports)) return;
  if (views.length === 0) return completeAlone(correction, ports, signal);
  const now = correctionsOf(row, liveRelease(row), stream.name);
  const lists = new Map([[stream.name, [...now, correction.id]]]);
  const options = {
    chooseCut: (_: unknown, __: number, from: number) => from,
    lists,
    fresh: true,
    redacts: stream.name,
    ...(watch === undefined ? {} : { watch }),
  };
  const built = await buildAndPromote(views, ports, signal, options, () => Promise.resolve(unseen));
  for (const [name, count] of Object.entries(built.facts)) facts[name] = count;
  await noteInForce(await mustRead(ports, signal), ports, signal);
}

/**
 * Rows whose `apply` died before a link named them, or will be refused one, or had it too late: planned before this
 * redaction, or while it was appended and not begun (E20). Nobody plans while it is under way, so no other file is without
 * a name now; a link that lands later still is overtaken.
 */
async function removeUnnamedRows(stream: string, { archive, clock }: BatchPorts, signal: AbortSignal): Promise<void> {
  const shelf = archive.corrections(stream);
  // Before the links: what is named by then is not taken for unnamed.
  const files = await patiently(clock, () => shelf.listRows(), signal);
  const list = await patiently(clock, () => shelf.list(), signal);
  const { redactions } = await patiently(clock, () => archive.head(stream), signal);
  const left = list.filter((correction) => !isOvertaken(correction, redactions));
  const named = new Set(
    left.flatMap(({ added, erases }) => [added?.file.name, ...(erases?.added ?? []).map(({ file }) => file.name)]),
  );
  const gone = files.filter((name) => !named.has(name));
  if (gone.length > 0) await patiently(clock, () => archive.removeStored(gone), signal);
}

/** Nobody reads the stream: there is no release to be made. */
async function completeAlone({ id, stream }: StoredCorrection, ports: BatchPorts, signal: AbortSignal): Promise<void> {
  const isDone = (row: ControlRow): boolean => {
    const mark = row.redactions?.[stream];
    return mark?.correction === id && mark.release !== null;
  };
  const change = {
    make: (row: ControlRow) => (isDone(row) ? null : completeUnviewed(row, stream, id)),
    effect: (row: ControlRow) => (isDone(row) ? ('DONE' as const) : ('NOT_DONE' as const)),
  };
  const outcome = await changeControl(ports.store.control, ports.clock, change, signal);
  if (outcome.kind === 'DONE' || outcome.kind === 'NOTHING') return;
  throw new BatchError('CONTROL_BUSY', `redaction ${id} of stream ${stream} could not be completed yet; repeat it`, {
    retryable: true,
  });
}

/** Of the stream's own chain, and of those with what was derived for its versions. Gives how many. */
async function rewriteFiles(stream: Stream, targets: Targets, ports: BatchPorts, signal: AbortSignal): Promise<number> {
  const row = await mustRead(ports, signal);
  let rewritten = 0;
  for (const chain of await patiently(ports.clock, () => chainsOf(stream, row, ports.archive), signal))
    rewritten += await rewriteChain(chain, targets, ports, signal);
  return rewritten;
}

async function isBegun({ id, stream }: StoredCorrection, ports: BatchPorts, signal: AbortSignal): Promise<boolean> {
  return (await mustRead(ports, signal)).redactions?.[stream]?.correction === id;
}

async function begin(
  { id, stream, cut }: StoredCorrection,
  plan: CorrectionPlan,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<void> {
  const redaction = { stream, correction: id, cut, base: plan.base };
  const outcome = await changeControl(
    ports.store.control,
    ports.clock,
    {
      make: (row) => beginRedaction(row, redaction),
      effect: (row) => (row.redactions?.[stream]?.correction === id ? 'DONE' : 'NOT_DONE'),
    },
    signal,
  );
  if (outcome.kind === 'DONE') return;
  if (outcome.kind !== 'REFUSED')
    throw new BatchError('CONTROL_BUSY', 'it is not known whether the redaction was begun; repeat it', {
      retryable: true,
    });
  const { code, message } = outcome.refusal;
  if (code === 'TARGETS_AHEAD') throw new BatchError('BASE_BEHIND', message, { retryable: true });
  if (code === 'VIEW_HELD') throw new CorrectionError('VIEW_HELD', `${message}. Nothing was erased.`);
  if (code === 'REDACTING') throw new CorrectionError('REDACTING', `${message}. Nothing was erased by this one.`);
  throw planChanged(message);
}

async function loadTargets({ stream, targets }: StoredCorrection, { archive }: BatchPorts) {
  const name = targetsName(targets?.sha256 ?? '');
  const bytes = await archive.corrections(stream).getDocument(name);
  if (bytes !== null && sha256(bytes) === targets?.sha256) return decodeTargets(new TextDecoder().decode(bytes));
  throw new CorrectionError(
    'CORRECTION_DAMAGED',
    `${name} of stream ${stream} is not what was written. Put it back from a backup; nothing is erased without it.`,
  );
}
