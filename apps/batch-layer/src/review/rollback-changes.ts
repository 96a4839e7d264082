import { touchedBetween, type Runs } from '@twofold/corrections';
import { cutAt, sameList, type ControlRow, type Entry, type RollbackStep } from '@twofold/releases';
import type { BuildIndex, PartEntry } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { diffView } from '../corrections/diff-view.ts';
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
 * touched, or another view version counts otherwise, is another answer: those stretches of time are told.
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
  { views, restatements = 'corrections' }: Declared,
  ports: Ports,
  signal: AbortSignal,
): Promise<void> {
  const isRecoded = before.fingerprint !== after.fingerprint;
  const isCorrected = !sameList(before.corrections, after.corrections);
  if (!isCorrected && !(isRecoded && restatements === 'all')) return;
  const [old, now] = [await indexOf(before, ports), await indexOf(after, ports)];
  const touched = isRecoded ? null : await touchedOf(before, after, ports);
  const parts = differing(old, now, touched);
  const view =
    views.find((each) => each.name === after.view && each.fingerprint === after.fingerprint) ??
    (await keptView(ports.archive, after));
  const rows = parts.reduce((sum, { left, right }) => sum + Math.max(left?.rows ?? 0, right?.rows ?? 0), 0);
  if (view !== null && !isRecoded && isSameCut(before, after, row) && rows <= COMPARED_ROWS) {
    const changes = await rowsThatDiffer(view, old, now, ports, signal);
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
  view: View,
  before: BuildIndex | null,
  after: BuildIndex | null,
  { store, logger }: Ports,
  signal: AbortSignal,
): Promise<Changes | null> {
  const changes: { changed: Changes[number]['changed']; bucket: Changes[number]['bucket'] }[] = [];
  const same = { view, beforeView: view, before, after, cause: 'ROLLBACK', settledBy: null, expiredBy: null } as const;
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

/** Parts of the finest level that are not the same, and hold some of the time that is touched; null: all that are not the same. */
function differing(before: BuildIndex | null, after: BuildIndex | null, touched: Runs | null): DifferingPart[] {
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
    return left?.part === right?.part || !isTouched ? [] : [{ from, to, left, right }];
  });
}
