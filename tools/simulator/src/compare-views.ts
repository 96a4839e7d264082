import { compareAnswers, currentRows, oracleAnswer, type ServedRow } from '@twofold/oracle';
import { answerRows, type AnswerPorts, type AnsweredRows } from '@twofold/serving-api';
import { decodeKey, type KeyValue, type View } from '@twofold/views';
import { requestOf } from './reader.ts';
import type { World } from './world.ts';

/** X1, as it is served: every window of every live view with its measures and derived values, merged and by layer. */
export async function compareViews(world: World, ports: AnswerPorts): Promise<void> {
  for (const view of world.wanted) {
    const log = world.truth.readBy(view.stream).flatMap(({ classified }) => classified);
    for (const layer of ['MERGED', 'BATCH', 'SPEED'] as const) {
      const request = requestOf(view, { layer });
      const answer = await answerRows(request, ports);
      const { cut } = answer.merged.entry;
      const counted = world.truth.corrected.logOf(
        view.stream,
        log,
        layer === 'SPEED'
          ? world.truth.corrected.redactions(view.stream.name, answer.merged.entry.corrections)
          : world.truth.corrected.inForce(answer.merged.entry),
      );
      const side = layer === 'BATCH' ? { upTo: cut } : layer === 'SPEED' ? { atOrAbove: cut } : {};
      const expected = oracleAnswer(view, counted, { from: request.from, to: request.to, ...side }).map((row) => ({
        ...row,
        dimensions: keyByName(view, row.key),
      }));
      const difference = compareAnswers(expected, servedRows(view, answer));
      world.coverage.rowsCompared += expected.length;
      if (difference !== null) world.observer.fail('X1', `${view.name}@${view.version} ${layer}: ${difference}`);
    }
  }
}

/** E27: over a change stream, the merged answer is that of the rows which hold after all restatements. */
export async function compareRows(world: World, ports: AnswerPorts): Promise<void> {
  for (const view of world.wanted) {
    const { change } = view.stream;
    if (change === undefined) continue;
    const restatements = world.truth.partitions.get(change.of.name)?.flatMap(({ classified }) => classified) ?? [];
    const request = requestOf(view, {});
    const rows = currentRows(view.stream, restatements);
    const expected = oracleAnswer(view, rows, { from: request.from, to: request.to }).map((row) => ({
      ...row,
      dimensions: keyByName(view, row.key),
    }));
    world.coverage.rowsCompared += expected.length;
    const difference = compareAnswers(expected, servedRows(view, await answerRows(request, ports)));
    if (difference !== null) world.observer.fail('E27', `${view.name}@${view.version}: ${difference}`);
  }
}

/** The rows of an answer as the oracle's are compared with. */
export function servedRows(view: View, { windows }: AnsweredRows): ServedRow[] {
  const at = <T>(columns: Readonly<Record<string, readonly T[]>>, row: number): [string, T | undefined][] =>
    Object.entries(columns).map(([name, column]) => [name, column[row]]);
  return Array.from({ length: windows.rows }, (_, row) => {
    const key = decodeKey(view, windows.keys[windows.keyOfRow[row] ?? 0] ?? new Uint8Array(0));
    return {
      dimensions: keyByName(view, key),
      windowStart: windows.windowStarts[row] ?? 0,
      windowEnd: windows.windowEnds[row] ?? 0,
      values: Object.fromEntries(at(windows.measures, row).map(([name, value]) => [name, value ?? null])),
      derived: Object.fromEntries(at(windows.derived, row).map(([name, value]) => [name, value ?? null])),
    };
  });
}

/** Keys are compared in column units on both sides. */
export function keyByName(view: View, key: readonly KeyValue[]): Record<string, KeyValue> {
  return Object.fromEntries(view.dimensions.map(({ name }, i) => [name, key[i] ?? null]));
}
