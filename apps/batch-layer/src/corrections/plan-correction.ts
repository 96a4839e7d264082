import type { ArchiveFile } from '@twofold/archive';
import {
  checkSelection,
  CorrectionError,
  createRowMatcher,
  parseAssignment,
  selectionText,
  type CorrectionPlan,
  type ShownEvent,
} from '@twofold/corrections';
import { correctionsOf, liveRelease } from '@twofold/releases';
import { createIdReader, type Columns, type Stream } from '@twofold/schemas';
import type { BatchPorts } from '../ports.ts';
import { addedByVersion } from './added-by-version.ts';
import { readAddedRows, type AddedRows } from './added-rows.ts';
import { requireViews } from './correctable.ts';
import { checkRequest, type CorrectionRequest } from './correction-request.ts';
import { countedEvents, countOf } from './counted-events.ts';
import { EffectCounter } from './effect-counter.ts';
import { SAMPLE, TargetFinder } from './find-targets.ts';
import { requestHash } from './known-request.ts';
import { loadList, type LoadedList } from './load-list.ts';
import { openPlans } from './open-plans.ts';
import type { PlanningGround } from './planning-ground.ts';
import { RowReplacer } from './replaced-rows.ts';
import { shownEvent } from './shown-event.ts';
import { writePlan, type FoundCorrection } from './write-plan.ts';

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
  requireViews(ground.stream, ground.views);
  const { stream, row, state } = ground;
  const at = ports.clock.now();
  const base = correctionsOf(row, liveRelease(row), stream.name);
  const list = await addedByVersion(await loadList(ports.archive, stream.name, base), stream, ports.archive, signal);
  const given = request.rows === null ? null : readAddedRows(stream, request.rows, at);
  const replacer =
    request.set == null ? null : new RowReplacer(stream, request.set.map(parseAssignment), ports.archive);
  // What is restated still counts: how many they are is not bounded.
  const finder = new TargetFinder(stream, new EffectCounter(ground.views), request.kind !== 'restate');
  const collisions = await matchAll(request, given, { finder, replacer }, { ...ground, list }, ports, signal);
  const counted = countOf(state, list.overlay);
  if (request.kind !== 'add') requireSome(request, finder.count, counted);
  const rows = replacer?.bytes() ?? request.rows;
  const added = replacer === null || rows === null ? given : readAddedRows(stream, rows, at);
  if (added !== null) {
    finder.touch(added.columns);
    finder.effects.add(added.columns);
  }
  const targets = finder.targets();
  const found: FoundCorrection = {
    kind: request.kind,
    reverts: null,
    asked: added === null ? selectionText(request.selection) : askedWith(request, added),
    targets,
    count: finder.count,
    rows,
    added: added?.count ?? 0,
    touched: finder.touched(),
    sample: finder.sample,
    sampleAdded: added === null ? [] : shownRows(stream, added),
    counts: finder.effects.counts(),
    collisions,
    conflicts: await openPlans({ stream: stream.name, base, targets }, ports.archive),
    recordsRead: finder.recordsRead,
    requested: requestHash(request),
  };
  return writePlan(found, request, { ...ground, base, counted, at, overlay: list.overlay }, ports);
}

/** The first of the rows to add. They are of no source yet: their correction has no number. */
function shownRows(stream: Stream, { columns, count }: AddedRows): ShownEvent[] {
  return Array.from({ length: Math.min(count, SAMPLE) }, (_, row) => shownEvent(stream, null, columns, row));
}

function askedWith(request: CorrectionRequest, added: AddedRows): string {
  if (request.set != null) return `${selectionText(request.selection)}, set ${request.set.join(', ')}`;
  const rows = request.rowsFrom ?? `${added.count} rows`;
  if (request.kind === 'add') return rows;
  const selected = selectionText(request.selection);
  return selected === 'nothing selected' ? `the events of ${rows}` : `${selected}, by ${rows}`;
}

/** Gives the ids of added rows that events have already which stay. */
async function matchAll(
  { kind, selection, newOnly }: CorrectionRequest,
  added: AddedRows | null,
  { finder, replacer }: { readonly finder: TargetFinder; readonly replacer: RowReplacer | null },
  { stream, state, list }: PlanningGround & { readonly list: LoadedList },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<string[]> {
  const matches = createRowMatcher(stream, selection);
  const idOf = createIdReader(stream);
  const ids = new Set(added?.ids ?? []);
  const byRows = kind === 'replace' && replacer === null && selection.where === null && isUnselected(selection);
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
      range: (source) => (partition === null ? whole : source === partition ? (offsets ?? whole) : null),
      wanted: (file) => ids.size > 0 || mayHold(file, eventTime),
      within:
        ids.size > 0 || eventTime === null ? null : { from: eventTime.from ?? -Infinity, to: eventTime.to ?? Infinity },
    },
    ports.archive,
    signal,
  );
  for await (const some of rows) {
    finder.take(some, meant);
    await replacer?.take(some, meant);
  }
  if (missing.size > 0)
    throw new CorrectionError(
      'ROWS_INVALID',
      `${missing.size} of the rows replace nothing: no event that counts has the id ${[...missing].slice(0, 3).join(', ')}${missing.size > 3 ? ', …' : ''}. Bring those by add. Nothing was changed.`,
    );
  if (newOnly === true && collisions.size > 0)
    throw new CorrectionError(
      'ROWS_INVALID',
      `${collisions.size} of the rows have the id of an event that counts already, as of one that was sent again: ${[...collisions].sort().slice(0, 3).join(', ')}${collisions.size > 3 ? ', …' : ''}. Leave them out, or say that both are to count. Nothing was changed.`,
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
