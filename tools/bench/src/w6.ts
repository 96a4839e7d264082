import type { SourceFile } from '@twofold/batch-engine';
import type { DuckDbEngine } from '@twofold/batch-engine-duckdb';
import { createAccumulator } from '@twofold/views';
import { archiveFiles, startedEngine } from './archive-files.ts';
import { byMinute, makeLog } from './bench-log.ts';
import { addPartials, ColumnSums } from './column-sums.ts';
import { fromFiles, runByHand } from './hand-written.ts';
import { measure, type Measurement, type Outcome } from './measure.ts';
import { cpuSecondsOf, peakMbOf } from './process-cost.ts';

const WIDTH_MS = 60_000;
/** Size of a part's chunks, as the batch layer cuts them. */
const CHUNK_BYTES = 32 << 10;

/** One view over an archive from nothing: the engine and what becomes of its partials, beside hand-written SQL. One thread each. */
export async function w6(rows: number): Promise<Measurement[]> {
  const bench = await makeLog(rows, 10_000);
  try {
    const files = await archiveFiles(bench, byMinute);
    const workload = 'W6 one view recomputed';
    const unit = 'rows';
    const engine = await startedEngine(bench, byMinute, files);
    try {
      return [
        await measure({ workload, program: 'limit: hand-written DuckDB SQL', unit }, () => handSql(files, rows)),
        await measure({ workload, program: 'engine, partials consumed', unit }, () => fold(engine, files, rows, false)),
        await measure({ workload, program: 'engine, partials to sorted pieces', unit }, () =>
          fold(engine, files, rows, true),
        ),
      ];
    } finally {
      await engine.close();
    }
  } finally {
    await bench.close();
  }
}

/** What someone who knows the files and the ranges of the values would write; sums are exact, as ours are. */
async function handSql(files: readonly SourceFile[], rows: number): Promise<Outcome> {
  const sums = await runByHand([
    `select f_sensorId, (event_time // ${WIDTH_MS} * ${WIDTH_MS})::double as pane, count(*)::double,
      sum(f_temperature)::double, sum(f_pressure)::double, count(f_pressure)::double,
      sum(f_vibration)::double, sum(f_vibration * f_vibration)::double, max(f_vibration)::double
    from ${fromFiles(files)} where class = 0 group by all`,
  ]);
  return { units: rows, checksum: sums.toString() };
}

async function fold(
  engine: DuckDbEngine,
  files: readonly SourceFile[],
  rows: number,
  pieces: boolean,
): Promise<Outcome> {
  const pid = engine.childPid;
  const before = pid === null ? 0 : cpuSecondsOf(pid);
  const sums = new ColumnSums();
  const accumulator = createAccumulator(byMinute, { widthMs: WIDTH_MS });
  for await (const columns of engine.fold({ view: byMinute, widthMs: WIDTH_MS, files, panes: null, sliceSize: null })) {
    addPartials(sums, columns);
    if (pieces) accumulator.addColumns(columns);
  }
  let made = 0;
  if (pieces) for (const piece of accumulator.toPieces(CHUNK_BYTES)) made += piece.rows;
  const cost = pid === null ? {} : { childCpuSeconds: cpuSecondsOf(pid) - before, childPeakMb: peakMbOf(pid) };
  return { units: rows, checksum: `${sums.toString()}${pieces ? `, ${made} partials in pieces` : ''}`, ...cost };
}
