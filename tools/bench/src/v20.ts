import type { SourceFile } from '@twofold/batch-engine';
import type { DuckDbEngine } from '@twofold/batch-engine-duckdb';
import { archiveFiles, startedEngine } from './archive-files.ts';
import { makeLog } from './bench-log.ts';
import { addPartials, ColumnSums } from './column-sums.ts';
import { fromFiles, runByHand } from './hand-written.ts';
import { manyViews, type PlainView } from './many-views.ts';
import { measure, type Measurement, type Outcome } from './measure.ts';
import { cpuSecondsOf, peakMbOf } from './process-cost.ts';
import { RequestEvents } from './request-events.ts';

const VIEWS = 20;
/** Some days of history. */
const DAYS = 5;

/** Twenty views over one archive, hours and days of it, beside twenty hand-written queries. One thread each. */
export async function v20(rows: number): Promise<Measurement[]> {
  const bench = await makeLog(rows, new RequestEvents(rows / (DAYS * 86_400)));
  const views = manyViews(VIEWS, 'history');
  const [first] = views;
  try {
    if (first === undefined) return [];
    const files = await archiveFiles(bench, first.view);
    const engine = await startedEngine(bench, first.view, files);
    const of = { workload: 'V20 twenty views of history', unit: 'rows' };
    try {
      return [
        await measure({ ...of, program: 'limit: twenty hand-written queries' }, () => byHand(views, files, rows)),
        await measure({ ...of, program: 'engine, one view after the other' }, () =>
          oneByOne(engine, views, files, rows),
        ),
      ];
    } finally {
      await engine.close();
    }
  } finally {
    await bench.close();
  }
}

async function byHand(views: readonly PlainView[], files: readonly SourceFile[], rows: number): Promise<Outcome> {
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
  views: readonly PlainView[],
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
