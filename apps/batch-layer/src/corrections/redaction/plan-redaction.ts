import { blanksName, correctionFolder, sha256, type StoredCorrection } from '@twofold/archive';
import {
  checkSelection,
  CorrectionError,
  type CorrectionNote,
  type CorrectionPlan,
  maskedSelection,
  namedValues,
  noOverlay,
  type PlannedErasure,
  type Selection,
  selectionText,
} from '@twofold/corrections';
import { correctionsOf, liveRelease } from '@twofold/releases';
import type { BatchPorts } from '../../ports.ts';
import { checkRequest, type CorrectionRequest } from '../correction-request.ts';
import { countOf } from '../counted-events.ts';
import { loadList } from '../load-list.ts';
import type { PlanningGround } from '../planning-ground.ts';
import { writePlan, type FoundCorrection } from '../write-plan.ts';
import { CopyFinder, findCopies, isByPlace, searchedFiles } from './find-copies.ts';
import type { StatedRows } from './stated-rows.ts';
import { chainsOf, requireNewest } from './stream-chains.ts';

/**
 * Finds every copy of what is to be erased, and all that it is in; writes the plan down, without anything of it. Nothing
 * is erased yet.
 */
export async function planRedaction(
  request: CorrectionRequest,
  ground: PlanningGround,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<CorrectionPlan> {
  const { stream, state } = ground;
  checkRequest(request);
  checkSelection(stream, request.selection);
  const prepared = await prepareRedaction(ground, ports);
  const finder = new CopyFinder(stream, ground.views, request.selection);
  await findCopies(finder, stream, searchedFiles(state, prepared.list), ports.archive, signal);
  requireMeant(request, finder, prepared);
  return writeRedaction({ request, ground, prepared, finder }, ports);
}

/** What is known before anything is looked for. */
export interface PreparedRedaction {
  readonly list: readonly StoredCorrection[];
  /** The corrections in force. */
  readonly base: readonly string[];
  /** Events that count under them. */
  readonly counted: number;
  readonly at: number;
}

/** Throws where a redaction of the stream would not reach everything. */
export async function prepareRedaction(ground: PlanningGround, ports: BatchPorts): Promise<PreparedRedaction> {
  const { stream, row, state } = ground;
  requireNewest(stream, row);
  await requireKnownVersions(ground, ports);
  const at = ports.clock.now();
  const list = await ports.archive.corrections(stream.name).list();
  const base = correctionsOf(row, liveRelease(row), stream.name);
  const { overlay } = await loadList(ports.archive, stream.name, base);
  return { list, base, counted: countOf(state, overlay), at };
}

/** Throws NOTHING_MATCHES, EVERYTHING_MATCHES, CORRECTION_INVALID. */
export function requireMeant(request: CorrectionRequest, finder: CopyFinder, { counted }: PreparedRedaction): void {
  requireSome(request, finder, counted);
  requireSilence(request, finder);
}

/** What was found, and of rows of an upsert stream what else is to be kept with it. */
export interface FoundRedaction {
  readonly request: CorrectionNote & Pick<CorrectionRequest, 'selection'>;
  readonly ground: PlanningGround;
  readonly prepared: PreparedRedaction;
  readonly finder: CopyFinder;
  readonly rows?: StatedRows;
  /** That of the archive's end, unless told. */
  readonly cut?: readonly number[];
  readonly derived?: NonNullable<PlannedErasure['derived']>;
  /** It was not selected, but is repeated: what was asked, in words. */
  readonly repeats?: string;
}

/** Writes down what was found, without anything of it. */
export async function writeRedaction(
  { request, ground, prepared, finder, rows, cut, derived, repeats }: FoundRedaction,
  ports: BatchPorts,
): Promise<CorrectionPlan> {
  const { stream, row } = ground;
  const { list, base, counted, at } = prepared;
  const shelf = ports.archive.corrections(stream.name);
  const key = `${ports.ids.next()}${ports.ids.next()}`;
  const blanks = finder.blanks(key, rows?.revisions);
  await shelf.putDocument(blanksName(blanks.sha256), blanks.bytes);
  const erases: PlannedErasure = {
    blanks: blanks.sha256,
    links: linksThatName(list, finder, request),
    added: finder.files.flatMap(({ number }) => number ?? []),
    lastLogTime: finder.lastLogTime,
    counts: finder.counts,
    ...(rows === undefined ? {} : { rows: rows.count }),
    ...(derived === undefined ? {} : { derived }),
    ...(repeats === undefined ? {} : { repeats: true }),
    touches: {
      archiveFiles: finder.files.filter(({ number }) => number === null).length,
      releases: row.releases.length,
      candidates: row.candidates.length,
      documents: (await shelf.listDocuments()).filter((name) => /^(plan|diff|restatements|rows)-/.test(name)).length,
    },
  };
  const found: FoundCorrection = {
    kind: 'redact',
    reverts: null,
    asked: repeats ?? maskedText(request.selection, key),
    targets: finder.targets(),
    count: finder.total,
    rows: null,
    added: 0,
    // Nothing is shared with a build from before, so nothing has to be known of when it was.
    touched: [],
    sample: finder.sample,
    counts: finder.effects.counts(),
    collisions: [],
    recordsRead: finder.recordsRead,
    erases,
    ...(cut === undefined ? {} : { cut }),
  };
  return writePlan(found, request, { ...ground, base, counted, at, overlay: noOverlay }, ports);
}

function maskedText(selection: Selection, key: string): string {
  return `${maskedSelection(selection)} (digest ${sha256(`${key}\n${selectionText(selection)}`).slice(0, 16)})`;
}

/** Files are written anew by the declaration that they were written by; rows of corrections, by the newest alone. */
async function requireKnownVersions({ stream, row }: PlanningGround, { archive }: BatchPorts): Promise<void> {
  const [own] = await chainsOf(stream, row, archive);
  const { files, redactions } = await archive.head(stream.name);
  for (const file of files) await own?.declaredBy(file);
  const list = await archive.corrections(stream.name).list();
  for (const { number, file } of searchedFiles({ files: [], redactions }, list))
    if ((await archive.fingerprintOf(correctionFolder(stream.name), file)) !== stream.fingerprint)
      throw new CorrectionError(
        'NOT_BUILT_YET',
        `Rows that correction ${list[number ?? 0]?.id} added to stream ${stream.name} were read by another version of its declaration: a redaction does not reach them. Nothing was erased.`,
      );
}

function requireSome({ selection, everything }: CorrectionRequest, finder: CopyFinder, counted: number): void {
  const { applied, duplicate, added } = finder.counts;
  const asked = applied + duplicate + added + (isByPlace(selection) ? finder.rejectedAsked : 0);
  if (asked === 0)
    throw new CorrectionError(
      'NOTHING_MATCHES',
      `No archived record matches: ${selectionText(selection)}. Rejected records are found by partition and offsets alone. Nothing was erased.`,
    );
  if (applied + added < counted || everything) return;
  throw new CorrectionError(
    'EVERYTHING_MATCHES',
    `All ${counted} events that count would be erased for good: ${selectionText(selection)}. Say that everything is meant, or select less. Nothing was erased.`,
  );
}

/** Who, why and under which key is kept for ever: it must not say again what is erased. */
function requireSilence(request: CorrectionRequest, finder: CopyFinder): void {
  const { reason, ticket, author, approver, idempotencyKey, keyIsDrawn = false, selection } = request;
  const values = [...namedValues(selection), ...finder.idWords];
  const key = keyIsDrawn ? null : idempotencyKey;
  for (const [name, text] of Object.entries({ reason, ticket, author, approver, 'idempotency key': key }))
    if (text !== null && values.some((value) => text.includes(value)))
      throw new CorrectionError(
        'CORRECTION_INVALID',
        `the ${name} names what is to be erased, and is kept with the correction. Say it in other words, or by the number of a ticket. Nothing was erased.`,
      );
}

/** Earlier corrections in whose conditions or notes something of the erased events is told. */
function linksThatName(
  list: readonly StoredCorrection[],
  finder: CopyFinder,
  { selection }: Pick<CorrectionRequest, 'selection'>,
): number[] {
  const { words } = finder;
  const told = [...(words ?? []), ...namedValues(selection)];
  return list
    .filter(({ kind }) => kind !== 'redact')
    .filter(({ asked, reason, ticket, author, approver, idempotencyKey }) => {
      const text = [asked, reason, ticket, author, approver, idempotencyKey].join('\n');
      return words === null || told.some((word) => text.includes(word));
    })
    .map(({ number }) => number);
}
