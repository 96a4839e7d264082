import { archivedEnd, type ArchiveFile, type ArchiveState } from '@twofold/archive';
import {
  bucketsOf,
  checkSelection,
  CorrectionError,
  createIdReader,
  createRowMatcher,
  encodeTargets,
  selectionText,
  standingOf,
  type CorrectionKind,
  type CorrectionNote,
  type CorrectionPlan,
  type Runs,
  type Targets,
  type ViewEffect,
} from '@twofold/corrections';
import { correctionsOf, entryOf, liveRelease, type ControlRow } from '@twofold/releases';
import type { Columns, Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { BatchError } from '../errors.ts';
import { planBuild, surveyMs } from '../plan-build.ts';
import type { BatchPorts } from '../ports.ts';
import { readAddedRows, type AddedRows } from './added-rows.ts';
import { checkRequest, type CorrectionRequest } from './correction-request.ts';
import { countedEvents, countOf } from './counted-events.ts';
import { TargetFinder } from './find-targets.ts';
import { loadList, targetsName, type LoadedList } from './load-list.ts';
import { fingerprintOf, putByHash, rowsName, savePlan } from './plan-store.ts';

/** What a plan is made from: the archive and the live release as they are at one moment. */
export interface PlanningGround {
  readonly stream: Stream;
  /** Views of the stream. */
  readonly views: readonly View[];
  readonly row: ControlRow;
  readonly state: ArchiveState;
}

/** What a correction was found to be, before it is written down. */
interface Found {
  readonly kind: CorrectionKind;
  readonly reverts: string | null;
  readonly asked: string;
  readonly targets: Targets;
  readonly count: number;
  readonly rows: Uint8Array | null;
  readonly added: number;
  readonly touched: Runs;
  readonly sample: CorrectionPlan['sample'];
  readonly counts: readonly { readonly keys: number; readonly panes: number }[];
  readonly collisions: readonly string[];
}

/** Ids that a plan lists. */
const COLLISIONS_SHOWN = 100;

/**
 * Finds out what a correction hits, once, among the events that count below the archive's end; writes the plan down.
 * Nothing that is served changes.
 */
export async function planCorrection(
  request: CorrectionRequest,
  ground: PlanningGround,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<CorrectionPlan> {
  checkRequest(request);
  checkSelection(ground.stream, request.selection);
  const { stream, row, state } = ground;
  const at = ports.clock.now();
  const base = correctionsOf(row, liveRelease(row), stream.name);
  const list = await loadList(ports.archive, stream.name, base);
  const added = request.rows === null ? null : readAddedRows(stream, request.rows, at);
  const finder = new TargetFinder(stream, ground.views);
  const collisions = await matchAll(request, added, finder, { ...ground, list }, ports, signal);
  const counted = countOf(state, list.overlay);
  if (request.kind !== 'add') requireSome(request, finder.count, counted);
  if (added !== null) {
    finder.touch(added.columns);
    finder.effects.add(added.columns);
  }
  const found: Found = {
    kind: request.kind,
    reverts: null,
    asked: added === null ? selectionText(request.selection) : askedWith(request, added),
    // What is restated still counts.
    targets: request.kind === 'restate' ? [] : finder.targets(),
    count: finder.count,
    rows: request.rows,
    added: added?.count ?? 0,
    touched: finder.touched(),
    sample: finder.sample,
    counts: finder.effects.counts(),
    collisions,
  };
  return writePlan(found, request, { ...ground, base, counted, at }, ports);
}

function askedWith(request: CorrectionRequest, added: AddedRows): string {
  const rows = `${added.count} rows`;
  if (request.kind === 'add') return rows;
  const selected = selectionText(request.selection);
  return selected === 'nothing selected' ? `the events of ${rows}` : `${selected}, by ${rows}`;
}

/** Gives the ids of added rows that events have already which stay. */
async function matchAll(
  { kind, selection }: CorrectionRequest,
  added: AddedRows | null,
  finder: TargetFinder,
  { stream, state, list }: PlanningGround & { readonly list: LoadedList },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<string[]> {
  const matches = createRowMatcher(stream, selection);
  const idOf = createIdReader(stream);
  const ids = new Set(added?.ids ?? []);
  const byRows = kind === 'replace' && selection.where === null && isUnselected(selection);
  const missing = new Set(byRows ? ids : []);
  const collisions = new Set<string>();
  const meant = (columns: Columns, row: number): boolean => {
    const id = ids.size === 0 ? '' : idOf(columns, row);
    const hit = byRows ? ids.has(id) : kind !== 'add' && matches(columns, row);
    if (hit) missing.delete(id);
    else if (ids.has(id)) collisions.add(id);
    return hit;
  };
  const { eventTime, partition, offsets } = selection;
  const whole = { from: 0, to: Infinity };
  const rows = countedEvents(
    {
      stream,
      state,
      overlay: list.overlay,
      range: (p) => (partition === null ? whole : p === partition ? (offsets ?? whole) : null),
      wanted: (file) => ids.size > 0 || mayHold(file, eventTime),
      added: partition === null,
    },
    ports.archive,
    signal,
  );
  for await (const some of rows) finder.take(some, meant);
  if (missing.size > 0)
    throw new CorrectionError(
      'ROWS_INVALID',
      `${missing.size} of the rows replace nothing: no event that counts has the id ${[...missing].slice(0, 3).join(', ')}${missing.size > 3 ? ', …' : ''}. Bring those by add. Nothing was changed.`,
    );
  return [...collisions].sort().slice(0, COLLISIONS_SHOWN);
}

function isUnselected({ eventTime, partition, ids }: CorrectionRequest['selection']): boolean {
  return eventTime === null && partition === null && ids === null;
}

function mayHold(
  { minEventTime, maxEventTime }: ArchiveFile,
  asked: { readonly from: number | null; readonly to: number | null } | null,
): boolean {
  if (minEventTime === null || maxEventTime === null) return false;
  return asked === null || (maxEventTime >= (asked.from ?? -Infinity) && minEventTime < (asked.to ?? Infinity));
}

function requireSome({ kind, everything, selection }: CorrectionRequest, matched: number, counted: number): void {
  if (matched === 0)
    throw new CorrectionError(
      'NOTHING_MATCHES',
      `No event that counts matches: ${selectionText(selection)}. Events that are not archived yet, duplicates, rejected records and those that are corrected away do not count. Nothing was changed.`,
    );
  if (matched < counted || everything || kind === 'restate') return;
  throw new CorrectionError(
    'EVERYTHING_MATCHES',
    `All ${counted} events that count match: ${selectionText(selection)}. Say that everything is meant, or select less. Nothing was changed.`,
  );
}

/** The plan that takes a correction back. Throws CORRECTION_UNKNOWN, NOT_IN_FORCE. */
export async function planRevert(
  id: string,
  note: CorrectionNote,
  ground: PlanningGround,
  ports: BatchPorts,
): Promise<CorrectionPlan> {
  const { stream, row, state, views } = ground;
  const base = correctionsOf(row, liveRelease(row), stream.name);
  const { corrections, overlay } = await loadList(ports.archive, stream.name, base);
  const correction = standingOf(corrections).find((each) => each.id === id);
  if (correction === undefined) {
    const takenBack = corrections.find(({ reverts }) => reverts === id);
    throw new CorrectionError(
      'NOT_IN_FORCE',
      takenBack === undefined
        ? `Correction ${id} is not in force in the live release, so there is nothing to take back. twofold releases shows those that are.`
        : `Correction ${id} was taken back by ${takenBack.id} already. Nothing was changed.`,
      { facts: { id } },
    );
  }
  const found: Found = {
    kind: inverseOf[correction.kind],
    reverts: id,
    asked: `the inverse of ${correction.kind} ${id} (${correction.asked})`,
    targets: [],
    count: 0,
    rows: null,
    added: 0,
    touched: correction.touched,
    sample: [],
    counts: views.map(() => ({ keys: 0, panes: 0 })),
    collisions: [],
  };
  return writePlan(found, note, { ...ground, base, counted: countOf(state, overlay), at: ports.clock.now() }, ports);
}

const inverseOf: Readonly<Record<CorrectionKind, CorrectionKind>> = {
  retract: 'add',
  add: 'retract',
  replace: 'replace',
  restate: 'restate',
  // Never reached: what was erased is not kept anywhere.
  redact: 'redact',
};

async function writePlan(
  found: Found,
  note: CorrectionNote,
  ground: PlanningGround & { readonly base: readonly string[]; readonly counted: number; readonly at: number },
  ports: BatchPorts,
): Promise<CorrectionPlan> {
  const { stream, state, base, counted, at } = ground;
  const { archive } = ports;
  const { reason, ticket, author, approver, idempotencyKey } = note;
  const text = new TextEncoder().encode(encodeTargets(found.targets));
  const targets =
    found.targets.length === 0
      ? null
      : { count: found.count, sha256: await putByHash(archive, stream.name, targetsName, text) };
  const rows =
    found.rows === null
      ? null
      : { count: found.added, sha256: await putByHash(archive, stream.name, rowsName, found.rows) };
  const plan: Omit<CorrectionPlan, 'fingerprint'> = {
    ...{ format: 1, id: ports.ids.next(), stream: stream.name, streamFingerprint: stream.fingerprint },
    ...{ reason, ticket, author, approver, idempotencyKey },
    ...{ kind: found.kind, reverts: found.reverts, plannedAt: at, asked: found.asked },
    cut: state.origins.map((_, partition) => archivedEnd(state, partition)),
    base,
    countedEvents: counted,
    targets,
    rows,
    touched: found.touched,
    sample: found.sample,
    effects: await effectsOf(found, ground, ports),
    collisions: found.collisions,
  };
  const whole = { ...plan, fingerprint: fingerprintOf(plan) };
  await savePlan(archive, whole);
  return whole;
}

async function effectsOf(found: Found, { views, row }: PlanningGround, { store }: BatchPorts): Promise<ViewEffect[]> {
  const live = liveRelease(row);
  const effects: ViewEffect[] = [];
  for (const [place, view] of views.entries()) {
    const entry = entryOf(row, live, view.name);
    const index = entry?.build == null ? null : await store.parts.index(entry.build);
    const { fresh, shared } = planBuild(
      view,
      bucketsOf(found.touched, surveyMs(view)),
      index?.parts ?? [],
      entry?.watermark ?? null,
    );
    const { keys, panes } = found.counts[place] ?? { keys: 0, panes: 0 };
    const { name, version } = view;
    effects.push({ view: name, version, keys, panes, partsToBuild: fresh.length, partsShared: shared.length });
  }
  return effects;
}

/** The stream's views, the control row and the archive's head, as they are now. */
export async function readGround(
  stream: Stream,
  views: readonly View[],
  row: ControlRow,
  archive: Pick<BatchPorts['archive'], 'head'>,
): Promise<PlanningGround> {
  if (row.streams[stream.name] === undefined)
    throw new BatchError('NOT_REGISTERED', `stream ${stream.name} is not registered yet; run a first recompute`);
  const state = await archive.head(stream.name);
  return { stream, views: views.filter((view) => view.stream.name === stream.name), row, state };
}
