import {
  collectable,
  type ArchiveFile,
  type ArchiveState,
  type ColumnArchive,
  type StoredCorrection,
} from '@twofold/archive';
import type { CorrectionPlan, ErasedPlace, ReleaseDiff } from '@twofold/corrections';
import type { Stream } from '@twofold/schemas';
import { plannedFrom } from '../../candidate-id.ts';
import { collect } from '../../collect.ts';
import { patiently } from '../../patiently.ts';
import type { BatchPorts } from '../../ports.ts';
import { mustRead } from '../../recompute-views.ts';
import { eraseRunMessages } from './erase-run-messages.ts';
import { eraseStates, statePlaces } from './erase-states.ts';
import { chainsOf } from './stream-chains.ts';

export interface CleanedUp {
  readonly facts: Readonly<Record<string, number>>;
  readonly places: readonly ErasedPlace[];
}

interface CleanUpTask {
  readonly correction: StoredCorrection;
  readonly stream: Stream;
  readonly topic: string;
  /** Change streams that are made of it. */
  readonly made: readonly Stream[];
}

/**
 * Takes away what nobody names any more, all of it twice, since something may have been on its way; what a dead run still
 * writes then is refused by the store (marks and removed ids), or never read and collected like any other left-over.
 */
export async function cleanUp(task: CleanUpTask, ports: BatchPorts, signal: AbortSignal): Promise<CleanedUp> {
  const facts: Record<string, number> = {};
  const add = (found: Readonly<Record<string, number>>): void => {
    for (const [name, count] of Object.entries(found)) facts[name] = (facts[name] ?? 0) + count;
  };
  add(await sweepOnce(task, ports, signal));
  const { stream, topic, correction, made } = task;
  const places = [...((await ports.sources?.erase({ stream, topic, correction }, signal)) ?? [])];
  add(await sweepOnce(task, ports, signal));
  const { goneBy, how } = await patiently(ports.clock, () => ports.store.erase(), signal);
  places.push({ place: 'store', goneBy, how }, ...statePlaces(made, ports));
  return { facts, places };
}

async function sweepOnce(
  { correction, stream, made }: CleanUpTask,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const { store, clock } = ports;
  const { partsRemoved, buildsRemoved, rowsSwept } = await collect(ports, signal);
  await shutOut(ports, signal);
  let deadLettersDropped = 0;
  for (const [partition, below] of correction.cut.entries())
    deadLettersDropped += await patiently(
      clock,
      () => store.ledger.dropDeadLetters(stream.name, partition, below),
      signal,
    );
  const documentsRemoved = await eraseDocuments(correction, ports, signal);
  await patiently(
    clock,
    () => ports.archive.corrections(stream.name).eraseLinks(correction.erases?.links ?? []),
    signal,
  );
  let filesRemoved = 0;
  const row = await mustRead(ports, signal);
  for (const { name } of await patiently(clock, () => chainsOf(stream, row, ports.archive), signal))
    filesRemoved += await eraseFiles(name, ports, signal);
  const runsCleared = await eraseRunMessages(ports, signal);
  const statesRemoved = await eraseStates(stream, made, ports, signal);
  return {
    ...(made.length === 0 ? {} : { statesRemoved }),
    ...{ partsRemoved, buildsRemoved, rowsSwept, deadLettersDropped, documentsRemoved, filesRemoved, runsCleared },
  };
}

/** A run that was planned on an older row writes no new part any more: it read what is erased now. */
async function shutOut(ports: BatchPorts, signal: AbortSignal): Promise<void> {
  const row = await mustRead(ports, signal);
  const ids = [plannedFrom(row.sequence), ...row.candidates.map(({ id }) => id)];
  const below = ids.reduce((lowest, id) => (id < lowest ? id : lowest));
  await patiently(ports.clock, () => ports.store.parts.forgetRemoved(below), signal);
}

/**
 * Plans, differences, what is to be told and rows from before: they show events or answers. Plans of redactions show none, and
 * who applies one again finds it by them, whatever was erased since.
 */
async function eraseDocuments(
  { stream }: StoredCorrection,
  { archive, clock }: BatchPorts,
  signal: AbortSignal,
): Promise<number> {
  const shelf = archive.corrections(stream);
  const { redactions } = await patiently(clock, () => archive.head(stream), signal);
  const names = await patiently(clock, () => shelf.listDocuments(), signal);
  const list = await patiently(clock, () => shelf.list(), signal);
  const made = new Set(list.flatMap(({ kind, fingerprint }) => (kind === 'redact' ? [fingerprint] : [])));
  const rowsOfPlans = new Set<string>();
  const gone: string[] = [];
  for (const name of names.filter((each) => /^(plan|diff|restatements)-/.test(each))) {
    const bytes = await patiently(clock, () => shelf.getDocument(name), signal);
    if (bytes === null) continue;
    const document = JSON.parse(new TextDecoder().decode(bytes)) as Partial<CorrectionPlan> & Partial<ReleaseDiff>;
    const isMade = name.startsWith('plan-') && made.has(document.fingerprint ?? '');
    if (!isMade && (document.redactions ?? 0) < redactions.length) gone.push(name);
    else if (document.rows != null) rowsOfPlans.add(`rows-${document.rows.sha256}.ndjson`);
  }
  gone.push(...names.filter((name) => name.startsWith('rows-') && !rowsOfPlans.has(name)));
  for (const name of gone) await patiently(clock, () => shelf.removeDocument(name), signal);
  return gone.length;
}

/** Files of a chain that were rewritten, rows of corrections that were, and whatever else no manifest can ever name again. */
async function eraseFiles(stream: string, { archive, clock }: BatchPorts, signal: AbortSignal): Promise<number> {
  const { files, unfinished } = await patiently(clock, () => archive.listStored(stream), signal);
  const found = await patiently(clock, () => archive.head(stream), signal);
  // A manifest that changes nothing: whoever read an older head can not name what was found (collectable).
  let head = found;
  while (head.number === found.number) {
    signal.throwIfAborted();
    const next = await patiently(clock, () => archive.commit(head, { add: [] }), signal);
    head = next ?? (await patiently(clock, () => archive.head(stream), signal));
  }
  const old = files.filter((file) => collectable(file, found.number, head)).map(({ name }) => name);
  const rows = await replacedRows(archive, head);
  const gone = [...old, ...rows, ...unfinished];
  if (gone.length > 0) await patiently(clock, () => archive.removeStored(gone), signal);
  return old.length + rows.length;
}

/** Files of added rows that a redaction in effect has put others in the place of. */
async function replacedRows(
  archive: Pick<ColumnArchive, 'corrections'>,
  { stream, redactions }: ArchiveState,
): Promise<string[]> {
  const list = await archive.corrections(stream).list();
  const newest = new Map<number, ArchiveFile>();
  const replaced: string[] = [];
  for (const { number, added, erases } of list) {
    if (added !== null) newest.set(number, added.file);
    for (const { number: of, file } of redactions.includes(number) ? (erases?.added ?? []) : []) {
      const before = newest.get(of);
      if (before !== undefined) replaced.push(before.name);
      newest.set(of, file);
    }
  }
  return replaced;
}
