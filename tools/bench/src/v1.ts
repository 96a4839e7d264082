import type { SpeedRow } from '@twofold/view-store';
import { createAccumulator, decodeChunk } from '@twofold/views';
import { makeLog, type BenchLog } from './bench-log.ts';
import { ColumnSums } from './column-sums.ts';
import { foldApart, fusedApart, READ_BYTES } from './fold-apart.ts';
import { manyViews, type PlainView } from './many-views.ts';
import { measure, type Measurement, type Outcome } from './measure.ts';
import { NaiveViews } from './naive-views.ts';
import { readColumns } from './read-columns.ts';
import { RequestEvents, requests } from './request-events.ts';
import { runSpeed } from './run-speed.ts';

const RATE = 20_000;
/** So a minute ends in the first half of the log, whose folds compile what that needs, and one in the second. */
const SECOND = 25;
const AMOUNTS = [1, 10, 100] as const;

/** 1, 10 and 100 views over one stream, each of a fifth of its records, from the log to durable rows. */
export async function v1(messages: number): Promise<Measurement[]> {
  const bench = await makeLog(messages, new RequestEvents(RATE, SECOND));
  try {
    const unit = 'messages';
    const measurements: Measurement[] = [];
    const add = async (workload: string, program: string, run: () => Promise<Outcome>): Promise<Measurement> => {
      const measured = await measure({ workload, program, unit }, run);
      measurements.push(measured);
      return measured;
    };
    const decoded = await add('V1 views over one stream, none', 'decode and classify only', () => decodeOnly(bench));
    let one: number | null = null;
    for (const amount of AMOUNTS) {
      const views = manyViews(amount, 'live');
      const workload = `V1 views over one stream, ${amount}`;
      await add(workload, 'limit: JSON.parse once + a Map a view', () => new NaiveViews(views).run(bench.log));
      const ours = await add(workload, 'speed layer, log to durable rows', () => speedViews(bench, views));
      one ??= ours.cpuSeconds;
      const matching = matchingOf(ours.checksum);
      const nanoseconds = ((ours.cpuSeconds - decoded.cpuSeconds) * 1e9) / matching;
      const times = (ours.cpuSeconds / one).toFixed(1);
      measurements.push({
        ...(measurements.pop() ?? ours),
        checksum: `${ours.checksum}; ${times} times one view; ${nanoseconds.toFixed(0)} ns a matching event beyond decoding`,
      });
    }
    const workload = 'V1 views over one stream, 100, without a store';
    await add(workload, 'limit: a loop written for each view', () => fusedApart(bench));
    await add(workload, 'folds that share nothing', () => foldApart(bench, false));
    await add(workload, 'folds that share what they read', () => foldApart(bench, true));
    return measurements;
  } finally {
    await bench.close();
  }
}

async function decodeOnly(bench: BenchLog): Promise<Outcome> {
  let records = 0;
  const units = await readColumns(bench, requests, (columns) => void (records += columns.count), READ_BYTES);
  return { units, checksum: `${records} records` };
}

async function speedViews(bench: BenchLog, views: readonly PlainView[]): Promise<Outcome> {
  const { units, rows } = await runSpeed(
    bench,
    views.map(({ view }) => view),
  );
  return { units, checksum: () => checksumOf(views, ({ view }) => rows(view)) };
}

/** Every component of every partial; and how many bytes of rows a key of a view has. */
function checksumOf(views: readonly PlainView[], rowsOf: (of: PlainView) => readonly SpeedRow[]): string {
  const sums = new ColumnSums();
  let [matching, panes, keys, bytes] = [0, 0, 0, 0];
  for (const of of views) {
    const all = createAccumulator(of.view, { widthMs: of.paneMs });
    for (const row of rowsOf(of)) {
      // Wide rows repeat what narrow ones hold, so only narrow ones count.
      if (row.end - row.start !== requests.sliceSize) continue;
      all.addChunk(row.bytes);
      bytes += row.bytes.length;
    }
    const { columns, keys: found } = decodeChunk(of.view, all.toChunk().bytes);
    panes += columns.count;
    keys += found.length;
    const [rows, total, most] = columns.components;
    if (rows?.kind !== 'count' || total?.kind !== 'sum' || most?.kind !== 'number') continue;
    for (let row = 0; row < columns.count; row++) {
      matching += rows.values[row] ?? 0;
      NaiveViews.note(sums, columns.panes[row] ?? 0, [
        rows.values[row] ?? 0,
        Number(total.low[row] ?? 0n),
        most.values[row] ?? 0,
      ]);
    }
  }
  return `${matching} matching, ${panes} panes, ${sums.toString()}; ${(bytes / keys).toFixed(0)} B of rows a key and view, ${(bytes / panes).toFixed(1)} a pane`;
}

/** How many events all views together have counted, as the checksum says. */
function matchingOf(checksum: string): number {
  return Number(/^(\d+) matching/.exec(checksum)?.[1] ?? NaN);
}
