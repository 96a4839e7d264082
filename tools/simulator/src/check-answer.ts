import type { MergedPanes, ReadRequest } from '@twofold/serving-api';
import type { Value } from '@twofold/oracle';
import { decodeKey, type View } from '@twofold/views';
import { differenceOf, panesOfChunk } from './compare-panes.ts';
import type { Observer } from './observer.ts';
import { placeOf } from './true-panes.ts';
import type { Truth } from './truth.ts';

/**
 * X1: an answer against the oracle. A snapshot and a batch answer end exactly at their claims; the latest answer has
 * every event below its claims exactly once, and of those above none twice.
 */
export function checkAnswer(request: ReadRequest, answer: MergedPanes, truth: Truth, observer: Observer): void {
  const { view, layer } = request;
  const about = (): string =>
    `${view.name}@${view.version} ${layer} release ${answer.release.number} (${answer.release.id}), entry ${answer.entry.id}, cut ${answer.partitions.map((p) => p.cut).join(',')}, claims ${answer.partitions.map((p) => p.claim).join(',')}${request.positions === null ? '' : ', snapshot'}`;
  if (answer.release.entries[view.name] !== answer.entry.id)
    observer.fail('X4', `${about()}: the entry is not the release's`);
  const bounds = answer.partitions.map(({ cut, claim }) => ({ from: layer === 'SPEED' ? cut : 0, to: claim }));
  for (const [partition, { cut, claim }] of answer.partitions.entries())
    if (claim < cut || claim > truth.partition(view.stream.name, partition).end)
      observer.fail('X1', `${about()}: partition ${partition} claims ${claim}`);
  const found = panesOfChunk(view, answer.panes.toChunk().bytes);
  const { widthMs } = answer.plan;
  // Speed rows are the log's own; what corrections change is below every cut (E19).
  const { entry } = answer;
  const corrections =
    layer === 'SPEED' ? truth.corrected.redactions(entry.stream, entry.corrections) : truth.corrected.inForce(entry);
  const expected = truth.panes(view, widthMs, bounds, corrections);
  keepKeys(expected, request);
  const whole = bounds.every(({ to }, partition) => to >= truth.partition(view.stream.name, partition).end);
  if (layer === 'BATCH' || request.positions !== null || whole) {
    const difference = differenceOf(expected, found);
    if (difference !== null) observer.fail('X1', `${about()}: ${difference}`);
    return;
  }
  const most = truth.panes(
    view,
    widthMs,
    bounds.map(({ from }) => ({ from, to: Infinity })),
    corrections,
  );
  keepKeys(most, request);
  const counted = rowsByPlace(
    view,
    [...found].map(([id, [rows]]) => [id, rows]),
  );
  const least = rowsByPlace(
    view,
    [...expected].map(([id, { components }]) => [id, components[0]]),
  );
  const highest = rowsByPlace(
    view,
    [...most].map(([id, { components }]) => [id, components[0]]),
  );
  for (const [place, below] of least) {
    const rows = counted.get(place) ?? 0n;
    if (rows < below) observer.fail('X1', `${about()}: ${place} counts ${rows}, and ${below} are below the claims`);
  }
  for (const [place, rows] of counted) {
    const held = highest.get(place) ?? 0n;
    if (rows > held) observer.fail('X1', `${about()}: ${place} counts ${rows}, and the log holds ${held}`);
  }
}

/** Events by key and pane; of sessions by key and bucket, because one more event may join two intervals. */
function rowsByPlace(
  view: View,
  panes: readonly (readonly [id: string, rows: Value | undefined])[],
): Map<string, bigint> {
  const bucketMs = view.levels[0]?.widthMs ?? 1;
  const rowsOf = new Map<string, bigint>();
  for (const [id, rows] of panes) {
    const { key, pane } = placeOf(id);
    const place = view.window.kind === 'session' ? `${key} ${Math.floor(pane / bucketMs) * bucketMs}` : id;
    rowsOf.set(place, (rowsOf.get(place) ?? 0n) + BigInt(rows ?? 0));
  }
  return rowsOf;
}

function keepKeys(panes: Map<string, { readonly bucket: number }>, request: ReadRequest): void {
  if (request.keys === null) return;
  const wanted = new Set(request.keys.map((key) => JSON.stringify(decodeKey(request.view, key))));
  for (const id of panes.keys()) if (!wanted.has(placeOf(id).key)) panes.delete(id);
}
