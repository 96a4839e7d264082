import type { SpeedRow } from '@twofold/view-store';
import { createAccumulator, decodeChunk } from '@twofold/views';
import { makeLog, sensorMinute, sensorReadings, type BenchLog } from './bench-log.ts';
import { addPartials, ColumnSums } from './column-sums.ts';
import { measure, type Measurement, type Outcome } from './measure.ts';
import { NaiveFold } from './naive-fold.ts';
import { runSpeed } from './run-speed.ts';

/** Log → decode → reject → dedupe → sliding minute → durable speed rows; beside a plain fold of the same, in memory only. */
export async function w1(messages: number): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const ratePerSecond of [500_000, 10_000]) {
    const workload = `W1 at ${ratePerSecond.toLocaleString('en')} per event-second`;
    const unit = 'messages';
    const bench = await makeLog(messages, ratePerSecond);
    try {
      measurements.push(
        await measure({ workload, program: 'limit: JSON.parse + Map, not durable', unit }, () =>
          new NaiveFold().run(bench.log),
        ),
        await measure({ workload, program: 'speed layer, log to durable rows', unit }, () => speedLayer(bench)),
      );
    } finally {
      await bench.close();
    }
  }
  return measurements;
}

async function speedLayer(bench: BenchLog): Promise<Outcome> {
  const { units, rows, applied } = await runSpeed(bench, [sensorMinute]);
  return { units, checksum: () => `${applied} rows, ${checksumOf(rows(sensorMinute))}` };
}

/** Wide rows repeat what narrow ones hold, so only narrow ones count. */
function checksumOf(rows: readonly SpeedRow[]): string {
  const panes = createAccumulator(sensorMinute, { widthMs: 1000 });
  for (const row of rows) if (row.end - row.start === sensorReadings.sliceSize) panes.addChunk(row.bytes);
  const sums = new ColumnSums();
  for (const piece of panes.toPieces(1 << 20)) addPartials(sums, decodeChunk(sensorMinute, piece.bytes).columns);
  return `${panes.rows} panes, ${sums.toString()}`;
}
