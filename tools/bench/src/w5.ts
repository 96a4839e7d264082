import path from 'node:path';
import { createParquetArchive } from '@twofold/archive-parquet';
import { LogArchiver } from '@twofold/batch-layer';
import type { Column, Columns } from '@twofold/schemas';
import { makeLog, sensorReadings, silent, TOPIC, type BenchLog } from './bench-log.ts';
import { measure, type Measurement } from './measure.ts';
import { readColumns } from './read-columns.ts';

/** Log → closed, durable, verified Parquet; beside decoding and classifying alone. */
export async function w5(messages: number): Promise<Measurement[]> {
  const bench = await makeLog(messages, 10_000);
  try {
    const workload = 'W5 archiver';
    return [
      await measure({ workload, program: 'limit: decode and classify only', unit: 'rows' }, () => decodeOnly(bench)),
      await measure({ workload, program: 'archiver without original bytes', unit: 'rows' }, () =>
        archive(bench, false),
      ),
      await measure({ workload, program: 'archiver with original bytes', unit: 'rows' }, () => archive(bench, true)),
    ];
  } finally {
    await bench.close();
  }
}

async function decodeOnly(bench: BenchLog): Promise<{ units: number; checksum: string }> {
  let applied = 0;
  let total = 0;
  const units = await readColumns(bench, sensorReadings, (columns) => {
    for (let row = 0; row < columns.count; row++) if (columns.classes[row] === 0) applied++;
    for (const column of columns.fields) total += sumOf(column, columns);
  });
  return { units, checksum: `${applied} applied, ${total.toExponential(3)}` };
}

/** Looks at every value of the applied rows, so that no column is decoded in vain. */
function sumOf(column: Column, { count, classes }: Columns): number {
  const values = column.kind === 'text' ? column.ids : column.values;
  let sum = 0;
  for (let row = 0; row < count; row++) if (classes[row] === 0) sum += values[row] ?? 0;
  return sum;
}

async function archive(
  { directory, log, clock, ids }: BenchLog,
  keepBytes: boolean,
): Promise<{ units: number; checksum: string }> {
  const parquet = createParquetArchive({
    directory: path.join(directory, `archive-${ids.next()}`),
    ids,
    keepBytes: () => keepBytes,
  });
  const archiver = new LogArchiver(
    { stream: sensorReadings, topic: TOPIC },
    { log, archive: parquet, clock, logger: silent },
  );
  const state = await archiver.archiveUntilEnd([0], new AbortController().signal);
  await archiver.close();
  let units = 0;
  let applied = 0;
  let bytes = 0;
  for (const file of state.files) {
    units += file.records;
    applied += file.counts.applied;
    bytes += file.byteLength;
  }
  return { units, checksum: `${applied} applied, ${(bytes / units).toFixed(1)} B a row` };
}
