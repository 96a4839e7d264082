import type { SourceFile } from '@twofold/batch-engine';
import type { DuckDbEngine } from '@twofold/batch-engine-duckdb';
import { buildAndPromote } from '@twofold/batch-layer';
import type { BuildIndex, ViewStore } from '@twofold/view-store';
import { decodeChunk, type View } from '@twofold/views';
import { archiveFiles, startedEngine } from './archive-files.ts';
import { batchPorts } from './batch-ports.ts';
import { makeLog, type BenchLog } from './bench-log.ts';
import { addPartials, ColumnSums } from './column-sums.ts';
import { dashboardViews, type DashboardView } from './dashboard-views.ts';
import { fromFiles, runByHand } from './hand-written.ts';
import { manyViews } from './many-views.ts';
import { measure, type Measurement, type Outcome } from './measure.ts';
import { cpuSecondsOf, peakMbOf } from './process-cost.ts';
import { RequestEvents } from './request-events.ts';
import { newStore } from './run-speed.ts';

const VIEWS = 20;
/** Some days of history. */
const DAYS = 5;

/** Twenty views over one archive, hours and days of it, beside twenty hand-written queries. One thread each. */
export async function v20(rows: number): Promise<Measurement[]> {
  const bench = await makeLog(rows, new RequestEvents(rows / (DAYS * 86_400)));
  const views = manyViews(VIEWS, 'history');
  const panels = dashboardViews();
  const [first] = views;
  try {
    if (first === undefined) return [];
    const files = await archiveFiles(bench, first.view);
    const engine = await startedEngine(bench, first.view, files);
    const unrelated = { workload: 'V20 twenty views, twenty conditions', unit: 'rows' };
    const related = { workload: 'V20 twenty panels of a dashboard', unit: 'rows' };
    const byHandOf = 'limit: twenty hand-written queries';
    try {
      return [
        await measure({ ...unrelated, program: byHandOf }, () => byHand(views, files, rows)),
        await measure({ ...unrelated, program: 'engine, one view after the other' }, () =>
          oneByOne(engine, views, files, rows),
        ),
        await measure({ ...related, program: byHandOf }, () => byHand(panels, files, rows)),
        await measure({ ...related, program: 'engine, one view after the other' }, () =>
          oneByOne(engine, panels, files, rows),
        ),
        await batchRun(bench, engine, panels, rows, { ...related, program: 'a run of the batch layer, parts written' }),
      ];
    } finally {
      await engine.close();
    }
  } finally {
    await bench.close();
  }
}

/** All that a batch run does but making it live: plan, fold, sum, write parts, read them back. */
async function batchRun(
  bench: BenchLog,
  engine: DuckDbEngine,
  panels: readonly DashboardView[],
  rows: number,
  of: { readonly workload: string; readonly program: string; readonly unit: string },
): Promise<Measurement> {
  const views = panels.map(({ view }) => view);
  const store = await newStore(bench, views);
  try {
    const ports = { ...batchPorts(bench, store), engine };
    return await measure(of, async () => {
      const before = engine.childPid === null ? 0 : cpuSecondsOf(engine.childPid);
      let indexes: readonly BuildIndex[] = [];
      await buildAndPromote(views, ports, new AbortController().signal, {}, ({ builds }) => {
        indexes = builds.map(({ index }) => index);
        return Promise.resolve({ promotes: false, announces: false });
      });
      const childCpuSeconds = engine.childPid === null ? 0 : cpuSecondsOf(engine.childPid) - before;
      return { units: rows, childCpuSeconds, checksum: await sumsOfParts(store, views, indexes) };
    });
  } finally {
    await store.close();
  }
}

async function sumsOfParts(store: ViewStore, views: readonly View[], indexes: readonly BuildIndex[]): Promise<string> {
  const sums = new ColumnSums();
  let partials = 0;
  for (const [place, view] of views.entries())
    for (const { part, chunks } of indexes[place]?.parts ?? [])
      for (let number = 0; number < chunks; number++) {
        const bytes = await store.parts.chunk(part, number);
        if (bytes === null) throw new Error(`part ${part} is not there`);
        const { columns } = decodeChunk(view, bytes);
        addPartials(sums, columns);
        partials += columns.count;
      }
  return `${sums.toString()}, ${partials} partials`;
}

async function byHand(views: readonly DashboardView[], files: readonly SourceFile[], rows: number): Promise<Outcome> {
  const statements = views.map(({ sql, paneMs }) => {
    const pane = `(event_time // ${paneMs} * ${paneMs})::double`;
    const columns = [...sql.key, pane, 'count(*)::double', 'sum(f_bytes)::double', 'max(f_took)::double'];
    return `select ${columns.join(', ')} from ${fromFiles(files)} where class = 0 and (${sql.where}) group by all`;
  });
  const sums = await runByHand(statements);
  return { units: rows, checksum: sums.toString() };
}

async function oneByOne(
  engine: DuckDbEngine,
  views: readonly DashboardView[],
  files: readonly SourceFile[],
  rows: number,
): Promise<Outcome> {
  const pid = engine.childPid;
  const before = pid === null ? 0 : cpuSecondsOf(pid);
  const sums = new ColumnSums();
  let partials = 0;
  for (const { view, paneMs } of views)
    for await (const columns of engine.fold({ view, widthMs: paneMs, files, panes: null, sliceSize: null })) {
      addPartials(sums, columns);
      partials += columns.count;
    }
  const cost = pid === null ? {} : { childCpuSeconds: cpuSecondsOf(pid) - before, childPeakMb: peakMbOf(pid) };
  return { units: rows, checksum: `${sums.toString()}, ${partials} partials`, ...cost };
}
