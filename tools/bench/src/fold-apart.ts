import {
  CommonReads,
  createFold,
  decodeChunk,
  type BucketChunk,
  type Fold,
  type PartialColumns,
  type View,
} from '@twofold/views';
import type { BenchLog } from './bench-log.ts';
import { fusedFold, Tables } from './fused-views.ts';
import { manyViews } from './many-views.ts';
import type { Outcome } from './measure.ts';
import { readColumns } from './read-columns.ts';
import { requests } from './request-events.ts';

const VIEWS = 100;
/** What no view should cost, nanoseconds a matching event. */
const GOAL = 50;
/** What the speed layer reads at once for so many views. */
export const READ_BYTES = 4 << 20;
/** About as many positions as a slice has. */
const BATCHES_OF_SLICE = 4;

/** A view's fold, and the microseconds of CPU that folding and writing rows have cost. */
interface Weighed {
  readonly view: View;
  readonly fold: Fold;
  foldUs: number;
  rowsUs: number;
  matching: number;
}

/** A hundred folds without a store, one after the other over each batch, with what each costs: folding, and writing rows at the end of a slice. */
export async function foldApart(bench: BenchLog, share: boolean): Promise<Outcome> {
  const reads = new CommonReads(requests);
  const all = manyViews(VIEWS, 'live').map(({ view }): Weighed => {
    return { view, fold: createFold(view, share ? reads : null), foldUs: 0, rowsUs: 0, matching: 0 };
  });
  let batches = 0;
  const units = await readColumns(
    bench,
    requests,
    (columns) => {
      reads.begin(columns);
      for (const of of all) of.foldUs += microsecondsOf(() => of.fold.apply(columns, 0, columns.count));
      if (++batches % BATCHES_OF_SLICE === 0) all.forEach(seal);
    },
    READ_BYTES,
  );
  all.forEach(seal);
  const matching = all.reduce((sum, of) => sum + of.matching, 0);
  return { units, checksum: `${matching} matching; ${told('fold', all, 'foldUs')}; ${told('rows', all, 'rowsUs')}` };
}

/** The same by loops written for each view (`fusedFold`), which write no rows: what folding costs at the least. */
export async function fusedApart(bench: BenchLog): Promise<Outcome> {
  const tables = new Tables();
  const all = manyViews(VIEWS, 'live').map((of) => ({
    view: of.view,
    fold: fusedFold(of),
    foldUs: 0,
    rowsUs: 0,
    matching: 0,
  }));
  const take = (): void => {
    for (const of of all) {
      of.matching += of.fold.counted();
      of.fold.clear();
    }
  };
  let batches = 0;
  const units = await readColumns(
    bench,
    requests,
    (columns) => {
      tables.begin(columns);
      for (const of of all) of.foldUs += microsecondsOf(() => of.fold.apply(columns, tables));
      if (++batches % BATCHES_OF_SLICE === 0) take();
    },
    READ_BYTES,
  );
  take();
  const matching = all.reduce((sum, of) => sum + of.matching, 0);
  return { units, checksum: `${matching} matching; ${told('fold', all, 'foldUs')}` };
}

function seal(of: Weighed): void {
  let chunks: readonly BucketChunk[] = [];
  of.rowsUs += microsecondsOf(() => {
    chunks = of.fold.takeDirty();
    of.fold.clear();
  });
  for (const { bytes } of chunks) of.matching += countedIn(decodeChunk(of.view, bytes).columns);
}

/** Nanoseconds of a matching event: of all views together, and of each. */
function told(what: string, all: readonly Omit<Weighed, 'fold'>[], us: 'foldUs' | 'rowsUs'): string {
  const costs = all
    .map((of) => ({ name: of.view.name, nanoseconds: (of[us] * 1e3) / of.matching }))
    .sort((a, b) => a.nanoseconds - b.nanoseconds);
  const total = all.reduce((sum, of) => sum + of[us], 0);
  const matching = all.reduce((sum, of) => sum + of.matching, 0);
  const said = (at: number): string => costs.at(at)?.nanoseconds.toFixed(0) ?? '';
  const dearest = costs.slice(-3).map(({ name, nanoseconds }) => `${name} ${nanoseconds.toFixed(0)}`);
  const mean = ((total * 1e3) / matching).toFixed(0);
  const above = costs.filter(({ nanoseconds }) => nanoseconds > GOAL).length;
  return `${what}: ${mean} ns a matching event, least ${said(0)}, middle ${said(VIEWS >> 1)}, ${above} views above ${GOAL}, most ${dearest.join(', ')}`;
}

function microsecondsOf(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function countedIn({ components: [rows] }: PartialColumns): number {
  return rows?.kind === 'count' ? rows.values.reduce((sum, count) => sum + count, 0) : 0;
}
