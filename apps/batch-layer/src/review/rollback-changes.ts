import { touchedBetween, type Runs } from '@twofold/corrections';
import { cutAt, sameList, type ControlRow, type Entry, type RollbackStep } from '@twofold/releases';
import type { BuildIndex, PartEntry } from '@twofold/view-store';
import { DEFAULT_RESTATEMENTS } from '@twofold/views';
import { diffView, type DiffTask } from '../corrections/diff-view.ts';
import { loadList } from '../corrections/load-list.ts';
import type { BatchPorts, BatchProject } from '../ports.ts';
import { keepRestatements, RestatementList } from './told-restatements.ts';
import { keptView } from './kept-views.ts';
import { withoutData } from '../without-data.ts';

/** Rows of parts that are compared; where more differ, stretches of time are told, since nobody waits for a rollback. */
const COMPARED_ROWS = 20_000;

export interface PutBack {
  readonly row: ControlRow;
  readonly steps: readonly RollbackStep[];
  /** The release that it becomes. */
  readonly release: string;
  /** Why, in words. */
  readonly reason: string;
}

type Ports = Pick<BatchPorts, 'store' | 'archive' | 'logger'>;
type Declared = Pick<BatchProject, 'views' | 'restatements'>;

/**
 * Keeps what those are to be told who read what a rollback takes back, before it is live; false: nothing. At the same
 * cut every row that is another one. At an older cut the speed layer adds what came since, so that only what corrections
 * touched, or another view version counts otherwise, is another merged answer: those stretches of time are told. What late
 * data had changed of the batch side is told to whom all is told.
 */
export async function keepRollbackChanges(
  task: PutBack,
  project: Declared,
  ports: Ports,
  signal: AbortSignal,
): Promise<boolean> {
  const { row, steps, release, reason } = task;
  const told = new RestatementList(release, { correction: null, reason });
  const streams = new Map<string, string>();
  const redactions = new Map<string, number>();
  for (const { from, to } of steps) {
    const [before, after] = [row.entries[from], row.entries[to]];
    if (before === undefined || after === undefined) continue;
    const { stream, view } = after;
    streams.set(view, stream);
    if (!redactions.has(stream)) redactions.set(stream, (await ports.archive.head(stream)).redactions.length);
    await tellEntry(before, after, row, told, project, ports, signal);
  }
  const all = told.all();
  for (const [stream, known] of redactions) {
    const changes = all.filter(({ view }) => streams.get(view) === stream);
    if (changes.length > 0) await keepRestatements(ports.archive, stream, release, { redactions: known, changes });
  }
  return all.length > 0;
}

async function tellEntry(
  before: Entry,
  after: Entry,
  row: ControlRow,
  told: RestatementList,
  { views, restatements = DEFAULT_RESTATEMENTS }: Declared,
  ports: Ports,
  signal: AbortSignal,
): Promise<void> {
  const isRecoded = before.fingerprint !== after.fingerprint;
  const isCorrected = !sameList(before.corrections, after.corrections);
  const isSame = isSameCut(before, after, row);
  if (!isCorrected && (restatements !== 'all' || (isSame && !isRecoded))) return;
  const [old, now] = [await indexOf(before, ports), await indexOf(after, ports)];
  const touched = isRecoded ? null : isCorrected ? await touchedOf(before, after, ports) : [];
  // What was complete in both, and is another one, was changed by late data.
  const settledBy = isSame || restatements !== 'all' ? null : settledIn(before, after);
  const parts = differing(old, now, touched, settledBy);
  const view =
    views.find((each) => each.name === after.view && each.fingerprint === after.fingerprint) ??
    (await keptView(ports.archive, after));
  const rows = parts.reduce((sum, { left, right }) => sum + Math.max(left?.rows ?? 0, right?.rows ?? 0), 0);
  // Only of one list and one version are rows of two cuts other ones by late data alone.
  if (view !== null && !isRecoded && (isSame || !isCorrected) && rows <= COMPARED_ROWS) {
    const changes = await rowsThatDiffer({ view, before: old, after: now, settledBy }, ports, signal);
    if (changes !== null) {
      for (const { changed, bucket } of changes) told.add(view, 'ROLLBACK', changed, bucket);
      return;
    }
  }
  for (const { from, to, left, right } of parts)
    told.addStretch(
      { name: after.view, version: after.version },
      'ROLLBACK',
      { from, to },
      Math.max(left?.rows ?? 0, right?.rows ?? 0),
    );
}

type Changes = readonly {
  readonly changed: Parameters<RestatementList['add']>[2];
  readonly bucket: Parameters<RestatementList['add']>[3];
}[];

/** Null: they can not be read. A rollback may be made because of that, and does not wait for it. */
async function rowsThatDiffer(
  of: Pick<DiffTask, 'view' | 'before' | 'after' | 'settledBy'>,
  { store, logger }: Ports,
  signal: AbortSignal,
): Promise<Changes | null> {
  const changes: { changed: Changes[number]['changed']; bucket: Changes[number]['bucket'] }[] = [];
  const same = { ...of, beforeView: of.view, cause: 'ROLLBACK', expiredBy: null } as const;
  try {
    await diffView(same, store.parts, signal, (changed, bucket) => void changes.push({ changed, bucket }));
    return changes;
  } catch (error) {
    signal.throwIfAborted();
    logger.warn('rows of a rollback could not be compared; stretches of time are told', withoutData(error));
    return null;
  }
}

async function indexOf({ build }: Entry, { store }: Ports): Promise<BuildIndex | null> {
  return build === null ? null : store.parts.index(build);
}

/** Event time in which the two lists may make another answer. */
async function touchedOf(before: Entry, after: Entry, { archive }: Ports): Promise<Runs> {
  const [old, now] = [
    await loadList(archive, before.stream, before.corrections),
    await loadList(archive, after.stream, after.corrections),
  ];
  return touchedBetween(old.corrections, now.corrections);
}

/** Windows that end at or before it were complete in both, milliseconds. */
function settledIn(before: Entry, after: Entry): number {
  return Math.min(before.watermark ?? -Infinity, after.watermark ?? -Infinity);
}

function isSameCut(before: Entry, after: Entry, row: ControlRow): boolean {
  const origins = row.streams[after.stream]?.origins ?? [];
  return origins.every(
    (_, partition) => cutAt(before.cut, partition, origins) === cutAt(after.cut, partition, origins),
  );
}

interface DifferingPart {
  readonly from: number;
  readonly to: number;
  readonly left: PartEntry | null;
  readonly right: PartEntry | null;
}

/**
 * Parts of the finest level that are not the same, and hold some of the time that is touched, or was settled by then;
 * touched null: all that are not the same.
 */
function differing(
  before: BuildIndex | null,
  after: BuildIndex | null,
  touched: Runs | null,
  settledBy: number | null,
): DifferingPart[] {
  const widths = [...(before?.parts ?? []), ...(after?.parts ?? [])].map(({ widthMs }) => widthMs);
  const finest = Math.min(...widths);
  const byStart = (index: BuildIndex | null): Map<number, PartEntry> =>
    new Map((index?.parts ?? []).filter(({ widthMs }) => widthMs === finest).map((part) => [part.from, part]));
  const [old, now] = [byStart(before), byStart(after)];
  const starts = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b);
  return starts.flatMap((from): DifferingPart[] => {
    const [left, right] = [old.get(from) ?? null, now.get(from) ?? null];
    const to = (right ?? left)?.to ?? from;
    const isTouched = touched === null || touched.some(([start, end]) => start < to && end > from);
    const isMeant = isTouched || (settledBy !== null && from < settledBy);
    return left?.part === right?.part || !isMeant ? [] : [{ from, to, left, right }];
  });
}
