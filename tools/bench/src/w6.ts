import path from 'node:path';
import { DuckDBInstance, type DuckDBDataChunk } from '@duckdb/node-api';
import type { ArchiveState } from '@twofold/archive';
import { createParquetArchive } from '@twofold/archive-parquet';
import { LogArchiver } from '@twofold/batch-layer';
import type { SourceFile } from '@twofold/batch-engine';
import { createDuckDbEngine, type DuckDbEngine } from '@twofold/batch-engine-duckdb';
import { createAccumulator } from '@twofold/views';
import { byMinute, makeLog, sensorReadings, silent, TOPIC, type BenchLog } from './bench-log.ts';
import { addPartials, ColumnSums } from './column-sums.ts';
import { measure, type Measurement, type Outcome } from './measure.ts';
import { cpuSecondsOf, peakMbOf } from './process-cost.ts';

const WIDTH_MS = 60_000;
const MEMORY_BYTES = 4 * 2 ** 30;
/** Size of a part's chunks, as the batch layer cuts them. */
const CHUNK_BYTES = 32 << 10;

/** One view over an archive from nothing: the engine and what becomes of its partials, beside hand-written SQL. One thread each. */
export async function w6(rows: number): Promise<Measurement[]> {
  const bench = await makeLog(rows, 10_000);
  try {
    const files = await archiveFiles(bench);
    const workload = 'W6 one view recomputed';
    const unit = 'rows';
    const engine = await startedEngine(bench, files);
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

async function archiveFiles({ directory, log, clock, ids }: BenchLog): Promise<SourceFile[]> {
  const archive = createParquetArchive({ directory: path.join(directory, 'archive'), ids, keepBytes: () => false });
  const archiver = new LogArchiver({ stream: sensorReadings, topic: TOPIC }, { log, archive, clock, logger: silent });
  const state: ArchiveState = await archiver.archiveUntilEnd([0], new AbortController().signal);
  await archiver.close();
  return state.files.map((file) => ({ path: archive.locate(file), partition: 0, from: file.from, to: file.to }));
}

/** What someone who knows the files and the ranges of the values would write; sums are exact, as ours are. */
async function handSql(files: readonly SourceFile[], rows: number): Promise<Outcome> {
  const paths = files.map((file) => `'${file.path.replaceAll("'", "''")}'`).join(', ');
  const sql = `
    select f_sensorId, (event_time // ${WIDTH_MS} * ${WIDTH_MS})::double as pane, count(*)::double,
      sum(f_temperature)::double, sum(f_pressure)::double, count(f_pressure)::double,
      sum(f_vibration)::double, sum(f_vibration * f_vibration)::double, max(f_vibration)::double
    from read_parquet([${paths}]) where class = 0 group by all`;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: `${MEMORY_BYTES}B` });
  const connection = await instance.connect();
  const sums = new ColumnSums();
  const result = await connection.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    addChunk(sums, chunk);
  connection.closeSync();
  instance.closeSync();
  return { units: rows, checksum: sums.toString() };
}

/** The columns of the hand-written SQL stand in the order of partials: dimension, pane, components. */
function addChunk(sums: ColumnSums, chunk: DuckDBDataChunk): void {
  for (const text of chunk.getColumnValues(0)) sums.addText(0, typeof text === 'string' ? text : null);
  for (let column = 1; column < chunk.columnCount; column++)
    for (const value of chunk.getColumnValues(column)) sums.add(column, Number(value));
}

/** With its process: that runs as long as the batch layer does, and a start is no cost of a run (nor is the hand-written program's). */
async function startedEngine({ directory, clock }: BenchLog, [first]: readonly SourceFile[]): Promise<DuckDbEngine> {
  const engine = createDuckDbEngine({
    threads: 1,
    memoryLimitBytes: MEMORY_BYTES,
    spillDirectory: path.join(directory, 'spill'),
    clock,
  });
  const files = first === undefined ? [] : [{ ...first, to: first.from + 1 }];
  await engine.survey({ view: byMinute, files, bucketMs: WIDTH_MS });
  return engine;
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
