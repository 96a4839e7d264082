import {
  classify,
  compareAnswers,
  oracleAnswer,
  type ClassifiedRecord,
  type OracleRecord,
  type ServedRow,
} from '@twofold/oracle';
import type { LogReader } from '@twofold/event-log';
import { answerRows, BatchReader, ByteCache, keyText, type LayerSelection } from '@twofold/serving-api';
import type { Clock } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import { decodeKey, longestWindowMs, type View } from '@twofold/views';
import type { StreamTopic } from './platform.ts';

/** What one view's answers were compared with. */
export interface Comparison {
  readonly view: string;
  /** Rows that a layer gave, and that the oracle gives from the same positions. */
  readonly rows: Readonly<Record<LayerSelection, number>>;
  /** The first difference, in words; null: there is none. */
  readonly difference: string | null;
}

/** Reads a stream's whole log, as the oracle sees it. */
export async function readWholeLog({ stream, topic }: StreamTopic, log: LogReader): Promise<ClassifiedRecord[]> {
  const records: OracleRecord[] = [];
  const ranges = await log.partitions(topic);
  for (const { partition, start, end } of ranges) {
    const cursor = log.open(topic, partition);
    for (let at = start; at < end;) {
      const batch = await cursor.read(at, { to: end });
      for (let row = 0; row < batch.count; row++) {
        // A copy, also of a Buffer, whose own slice is a view of memory that the next read may use again.
        const bytes = (from: number, to: number): Uint8Array | null =>
          from < 0 ? null : new Uint8Array(batch.bytes.subarray(from, to));
        records.push({
          partition,
          offset: batch.offsets[row] ?? 0,
          key: bytes(batch.keyStarts[row] ?? -1, batch.keyEnds[row] ?? -1),
          value: bytes(batch.valueStarts[row] ?? -1, batch.valueEnds[row] ?? -1),
          logTime: batch.times[row] ?? 0,
        });
      }
      at = batch.nextOffset;
    }
    await cursor.close();
  }
  return classify(
    stream,
    records,
    ranges.map((range) => range.start),
  );
}

/** Compares every window of a view, merged and by layer, with the oracle's over the same log. */
export async function compareView(
  view: View,
  log: readonly ClassifiedRecord[],
  ports: { readonly store: ViewStore; readonly clock: Clock },
): Promise<Comparison> {
  const times = log.flatMap((record) => (record.class === 'rejected' ? [] : [record.event.timeMs]));
  const longestMs = longestWindowMs(view.window) + 1;
  const from = times.reduce((a, b) => Math.min(a, b), Infinity) - longestMs;
  const to = times.reduce((a, b) => Math.max(a, b), -Infinity) + longestMs;
  const cache = new ByteCache(256 << 20);
  const reading = { store: ports.store, clock: ports.clock, cache, batch: new BatchReader(ports.store, cache) };
  const rows: Record<LayerSelection, number> = { MERGED: 0, BATCH: 0, SPEED: 0 };
  for (const layer of ['MERGED', 'BATCH', 'SPEED'] as const) {
    const request = {
      view,
      layer,
      keys: null,
      from,
      to,
      grainMs: null,
      release: null,
      positions: null,
      maxPanes: Infinity,
    };
    const { windows, merged } = await answerRows(request, reading);
    const { cut } = merged.entry;
    const side = layer === 'BATCH' ? { upTo: wholeCut(cut, log) } : layer === 'SPEED' ? { atOrAbove: cut } : {};
    const expected = oracleAnswer(view, log, { from, to, watermark: merged.entry.watermark, ...side });
    const served: ServedRow[] = [];
    for (let row = 0; row < windows.rows; row++) {
      served.push({
        dimensions: dimensionsOf(view, windows.keys[windows.keyOfRow[row] ?? 0] ?? new Uint8Array(0)),
        windowStart: windows.windowStarts[row] ?? 0,
        windowEnd: windows.windowEnds[row] ?? 0,
        values: valuesAt(windows.measures, row),
        derived: valuesAt(windows.derived, row),
      });
    }
    rows[layer] = served.length;
    const difference = compareAnswers(expected, served);
    if (difference !== null) return { view: view.name, rows, difference: `${layer}: ${difference}` };
  }
  return { view: view.name, rows, difference: null };
}

/** A partition that was added since the batch ran is not in its cut: nothing of it counts there. */
export function wholeCut(cut: readonly number[], log: readonly ClassifiedRecord[]): number[] {
  const last = log.reduce((most, { partition }) => Math.max(most, partition), cut.length - 1);
  return Array.from({ length: last + 1 }, (_, partition) => cut[partition] ?? 0);
}

/** A key by its dimensions' names, in the form of answers: a decimal is text with its digits, not its units. */
export function dimensionsOf(view: View, key: Uint8Array): ServedRow['dimensions'] {
  const units = decodeKey(view, key);
  return Object.fromEntries(view.dimensions.map(({ name, expr }, i) => [name, keyText(expr.type, units[i] ?? null)]));
}

function valuesAt<T>(columns: Readonly<Record<string, readonly T[]>>, row: number): Record<string, T> {
  const values: Record<string, T> = {};
  for (const [name, column] of Object.entries(columns)) {
    const value = column[row];
    if (value !== undefined) values[name] = value;
  }
  return values;
}
