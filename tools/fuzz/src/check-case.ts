import type { BatchEngine, FoldJob } from '@twofold/batch-engine';
import { compareAnswers, oracleAnswer, type Presented, type ServedRow } from '@twofold/oracle';
import {
  createAccumulator,
  decodeKey,
  firstDifference,
  presentWindows,
  type Accumulator,
  type View,
} from '@twofold/views';
import type { ArchivedLog } from './archived-log.ts';
import type { Draw } from './draw.ts';
import { oracleChunk } from './oracle-chunk.ts';
import { addSpeedFold, speedAccumulator, type Reach } from './speed-fold.ts';

/**
 * The first disagreement about a case, in words; null: all agree. The speed layer's fold, the oracle and each engine
 * have to give the same bytes, whole or in two parts; and the answer has to be the oracle's.
 */
export async function checkCase(
  view: View,
  log: ArchivedLog,
  engines: ReadonlyMap<string, BatchEngine>,
  draw: Draw,
): Promise<string | null> {
  const { ends } = log.source;
  const finest = view.levels[0]?.widthMs ?? 1;
  const everything = ends.map((to) => ({ from: 0, to }));
  const step = draw.pick([1, 3, 1_000]);
  const whole = speedAccumulator(view, finest, log.columns, everything, step);
  const truth = oracleChunk(view, log.classified);
  const wrong =
    difference('the oracle', view, truth, 'the fold', whole.toChunk().bytes) ?? answerFault(view, log, whole);
  if (wrong !== null) return wrong;
  const widthMs = draw.pick(view.levels).widthMs;
  const expected = createAccumulator(view, { widthMs });
  expected.addChunk(truth);
  const cuts = ends.map((end) => draw.int(0, end));
  const sliceSize = draw.chance(0.5) ? view.stream.sliceSize : null;
  const panes = draw.chance(0.3) ? somePanes(draw, expected, widthMs) : null;
  // A statement costs more than all the rest of a case: half of the cases are folded whole, the others in two parts.
  const isWhole = draw.chance(0.5);
  for (const [name, engine] of engines) {
    const job = { view, widthMs, files: log.files, panes: isWhole ? panes : null, sliceSize };
    const found = isWhole
      ? await engineFault(name, engine, job, truth)
      : await splitFault(name, engine, job, log, cuts, expected);
    if (found !== null) return found;
  }
  return null;
}

async function engineFault(name: string, engine: BatchEngine, job: FoldJob, truth: Uint8Array): Promise<string | null> {
  const { view, widthMs, panes } = job;
  const expected = createAccumulator(view, { widthMs });
  expected.addChunk(truth, panes === null ? {} : { paneFrom: panes.from, paneBelow: panes.to });
  const found = createAccumulator(view, { widthMs });
  for await (const block of engine.fold(job)) found.addColumns(block);
  return difference('the oracle', view, expected.toChunk().bytes, name, found.toChunk().bytes);
}

/** batch(positions below the cuts) + speed(positions from them on) = whole. */
async function splitFault(
  name: string,
  engine: BatchEngine,
  job: FoldJob,
  log: ArchivedLog,
  cuts: readonly number[],
  expected: Accumulator,
): Promise<string | null> {
  const { view, widthMs } = job;
  const sum = createAccumulator(view, { widthMs });
  const below = job.files.map((file) => ({
    ...file,
    to: Math.max(file.from, Math.min(file.to, cuts[file.partition] ?? 0)),
  }));
  for await (const block of engine.fold({ ...job, files: below })) sum.addColumns(block);
  const above: Reach[] = log.source.ends.map((to, partition) => ({ from: cuts[partition] ?? 0, to }));
  addSpeedFold(sum, view, log.columns, above, 1_000);
  const left = `the oracle (cut at ${cuts.join(', ')})`;
  return difference(left, view, expected.toChunk().bytes, `${name} below, the fold above`, sum.toChunk().bytes);
}

/** Panes between two that hold something, or around all of them. */
function somePanes(draw: Draw, { table }: Accumulator, widthMs: number): { from: number; to: number } | null {
  const { rows, panes } = table;
  if (rows === 0) return null;
  // Those of sessions are intervals, which begin anywhere in the panes of the level.
  const paneAt = (row: number): number => Math.floor((panes[row] ?? 0) / widthMs) * widthMs;
  const [a, b] = [paneAt(draw.int(0, rows - 1)), paneAt(draw.int(0, rows - 1))];
  return { from: Math.min(a, b), to: Math.max(a, b) + draw.pick([0, 1]) * widthMs };
}

function difference(left: string, view: View, a: Uint8Array, right: string, b: Uint8Array): string | null {
  if (Buffer.compare(a, b) === 0) return null;
  const first = firstDifference(view, a, b);
  if (first === null) return `${left} and ${right}: equal partials, different bytes`;
  const key = JSON.stringify(decodeKey(view, first.key));
  return `key ${key}, pane ${first.pane}:\n  ${left}: ${first.left}\n  ${right}: ${first.right}`;
}

function answerFault(view: View, { classified }: ArchivedLog, accumulator: Accumulator): string | null {
  const range = { from: -Infinity, to: Infinity };
  const answer = presentWindows(view, accumulator, range);
  const at = (columns: Readonly<Record<string, readonly Presented[]>>, row: number): Record<string, Presented> =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row] ?? null]));
  const served = [...answer.keyOfRow].map((key, row): ServedRow => {
    const units = decodeKey(view, answer.keys[key] ?? new Uint8Array(0));
    return {
      dimensions: Object.fromEntries(view.dimensions.map(({ name }, i) => [name, units[i] ?? null])),
      windowStart: answer.windowStarts[row] ?? NaN,
      windowEnd: answer.windowEnds[row] ?? NaN,
      values: at(answer.measures, row),
      derived: at(answer.derived, row),
    };
  });
  // Keys are compared in the units of columns.
  const wanted = oracleAnswer(view, classified, range).map((row) => ({
    ...row,
    dimensions: Object.fromEntries(view.dimensions.map(({ name }, i) => [name, row.key[i] ?? null])),
  }));
  const fault = compareAnswers(wanted, served);
  return fault === null ? null : `the answer and the oracle's: ${fault}`;
}
