import type { Columns } from '@twofold/schemas';
import { CommonReads, createFold, decodeChunk, type BucketChunk, type PartialColumns, type View } from '@twofold/views';
import { TOPIC, type BenchLog } from './bench-log.ts';
import { toldCosts, ViewCosts } from './fold-costs.ts';
import { fusedFold, Tables } from './fused-views.ts';
import { manyViews } from './many-views.ts';
import type { Outcome } from './measure.ts';
import { readColumns } from './read-columns.ts';
import { requests } from './request-events.ts';

const VIEWS = 100;
/** From batch to batch another view is the first: this many further, which meets all of them. */
const STEP = 37;
/** Each view's cost is the least of so many runs: collecting garbage falls into somebody's turn. */
const RUNS = 3;
/** What the speed layer reads at once for so many views. */
export const READ_BYTES = 8 << 20;
/** About as many positions as a slice has. */
const BATCHES_OF_SLICE = 2;

/** A view's fold, whoever made it. */
interface WeighedFold {
  readonly view: View;
  apply(columns: Columns): void;
  /** Writes the slice's rows and begins the next one. */
  seal(): void;
  /** Matching events of the slice that was sealed last. */
  counted(): number;
}

interface AllFolds {
  readonly folds: readonly WeighedFold[];
  readonly begin: (columns: Columns) => void;
}

/** A hundred folds without a store, one after the other over each batch, with what each costs: folding, and writing rows at the end of a slice. */
export async function foldApart(bench: BenchLog, share: boolean): Promise<Outcome> {
  const { units, runs } = await weigh(bench, () => {
    const reads = new CommonReads(requests);
    const folds = manyViews(VIEWS, 'live').map(({ view }) => ownFold(view, share ? reads : null));
    return { folds, begin: (columns) => reads.begin(columns) };
  });
  return { units, checksum: `${toldCosts(runs, 'foldUs')}; ${toldCosts(runs, 'rowsUs')}` };
}

/** The same by loops written for each view (`fusedFold`), which write no rows: what folding costs at the least. */
export async function fusedApart(bench: BenchLog): Promise<Outcome> {
  const { units, runs } = await weigh(bench, () => {
    const tables = new Tables();
    const folds = manyViews(VIEWS, 'live').map((of): WeighedFold => {
      const fold = fusedFold(of);
      let counted = 0;
      return {
        view: of.view,
        apply: (columns) => fold.apply(columns, tables),
        seal: () => {
          counted = fold.counted();
          fold.clear();
        },
        counted: () => counted,
      };
    });
    return { folds, begin: (columns) => tables.begin(columns) };
  });
  return { units, checksum: toldCosts(runs, 'foldUs') };
}

function ownFold(view: View, reads: CommonReads | null): WeighedFold {
  const fold = createFold(view, reads);
  let chunks: readonly BucketChunk[] = [];
  return {
    view,
    apply: (columns) => fold.apply(columns, 0, columns.count),
    seal: () => {
      chunks = fold.takeDirty();
      fold.clear();
    },
    counted: () => chunks.reduce((sum, { bytes }) => sum + countedIn(decodeChunk(view, bytes).columns), 0),
  };
}

async function weigh(bench: BenchLog, make: () => AllFolds): Promise<{ units: number; runs: ViewCosts[][] }> {
  const half = ((await bench.log.partitions(TOPIC))[0]?.end ?? 0) / 2;
  const runs: ViewCosts[][] = [];
  let units = 0;
  for (let run = 0; run < RUNS; run++) {
    const { folds, begin } = make();
    const all = folds.map((fold) => ({ fold, costs: new ViewCosts(fold.view.name) }));
    const seal = (): void => {
      for (const { fold, costs } of all) {
        costs.add('rowsUs', () => fold.seal());
        // Once is enough, and what it leaves to be collected would be others' cost.
        if (run === 0) costs.matching += fold.counted();
      }
    };
    let batches = 0;
    units += await readColumns(
      bench,
      requests,
      (columns) => {
        begin(columns);
        // Who asks first finds what the others ask for too: so each is the first in its turn.
        for (let i = 0; i < VIEWS; i++) {
          const of = all[(i + batches * STEP) % VIEWS];
          of?.costs.add('foldUs', () => of.fold.apply(columns));
        }
        if (++batches % BATCHES_OF_SLICE !== 0) return;
        seal();
        if (columns.nextOffset >= half) for (const { costs } of all) costs.halve();
      },
      READ_BYTES,
    );
    seal();
    runs.push(all.map(({ costs }) => costs));
  }
  return { units, runs };
}

function countedIn({ components: [rows] }: PartialColumns): number {
  return rows?.kind === 'count' ? rows.values.reduce((sum, count) => sum + count, 0) : 0;
}
